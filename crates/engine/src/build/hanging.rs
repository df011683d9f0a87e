//! Which images were not built because something below them failed. Pure.

use std::collections::{BTreeMap, BTreeSet};

use boatyard_plan::build::{BuildPlan, Parent};

/// Images that were not tried, by the stage that failed: those that hang on it, by what they are called.
///
/// `built`: one for each image of the plan. An image whose own last stage failed has been told by that failure.
pub(super) fn hanging(
    plan: &BuildPlan,
    built: &[bool],
    failed: &BTreeSet<String>,
) -> BTreeMap<String, Vec<String>> {
    let mut hanging: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (image, _) in plan.images.iter().zip(built).filter(|(_, built)| !**built) {
        let mut at = image.stage.as_str();
        while !failed.contains(at) {
            let stage = plan.stages.iter().find(|stage| stage.name == at);
            match stage.map(|stage| &stage.from) {
                Some(Parent::Stage(parent)) => at = parent,
                _ => break,
            }
        }
        if at != image.stage && failed.contains(at) {
            let names = hanging.entry(at.to_owned()).or_default();
            names.push(match image.references.first() {
                Some(reference) => reference.to_string(),
                None => image.service.clone(),
            });
        }
    }
    hanging
}

/// `3 images were skipped, because stage base failed: x/a:latest, x/b:latest, x/c:latest`
pub(super) fn sentence(stage: &str, images: &[String]) -> String {
    let (count, were) = match images.len() {
        1 => ("1 image".to_owned(), "was"),
        many => (format!("{many} images"), "were"),
    };
    format!(
        "{count} {were} skipped, because stage {stage} failed: {}",
        images.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hangs_on_what_failed_is_named() {
        let text = "[project]\nname = \"x\"\n[service.a]\n[service.b]\n[backing.redis]\n";
        let project = boatyard_plan::project::parse(text).expect("a project");
        let plan = boatyard_plan::build::plan(&project);
        let found = |built: &[bool], failed: &[&str]| {
            let failed = failed.iter().map(|name| (*name).to_owned()).collect();
            let hanging = hanging(&plan, built, &failed);
            let lines = hanging
                .iter()
                .map(|(stage, images)| sentence(stage, images));
            lines.collect::<Vec<String>>()
        };
        assert_eq!(
            found(&[false, false, true], &["base"]),
            ["2 images were skipped, because stage base failed: x/a:latest, x/b:latest"]
        );
        assert_eq!(
            found(&[false, true, true], &["runner", "other"]),
            ["1 image was skipped, because stage runner failed: x/a:latest"]
        );
        // Its own stage failed: the failure says so.
        assert!(found(&[false, true, true], &["a"]).is_empty());
        assert!(found(&[true, true, true], &[]).is_empty());
    }
}
