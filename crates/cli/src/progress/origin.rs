//! Why a step exists and which line of boatyard.toml asked for it.

use std::collections::BTreeMap;

use boatyard_plan::build::BuildPlan;

/// Origins by the id of the step.
pub type Origins = BTreeMap<String, Origin>;

/// Why a step exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// One sentence.
    pub why: String,
    /// `boatyard.toml:6` and that line's text, if a line asked for it.
    pub place: Option<(String, String)>,
}

/// The origins of all steps of a plan that was made from `text`, the content of `file`.
pub fn of(plan: &BuildPlan, file: &str, text: &str) -> Origins {
    let steps = plan.stages.iter().flat_map(|stage| &stage.steps);
    steps
        .map(|step| {
            let place = step.line.map(|number| {
                let line = text
                    .lines()
                    .nth(number.saturating_sub(1))
                    .unwrap_or_default();
                (
                    format!("{file}:{number}"),
                    line.split_whitespace().collect::<Vec<_>>().join(" "),
                )
            });
            let why = step.why.clone();
            (step.id.clone(), Origin { why, place })
        })
        .collect()
}
