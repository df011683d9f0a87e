//! A build plan for people.
//!
//! ```text
//! guestbook: 4 stages, 3 images
//!
//! base  from debian:bookworm
//! │  Debian bookworm with what the application needs when it runs
//! └─ 1  install libpq5, python3  [line 7]
//!       the interpreter, and libraries that the application uses when it runs
//! ```

use std::fmt::Write as _;

use super::{BuildPlan, Parent, Stage, Step};
use crate::project::Base;

/// The plan as plain text: each stage with its steps and the reason of each, then the images. Ends with a line end.
pub fn render(plan: &BuildPlan) -> String {
    let mut text = format!(
        "{}: {}, {}\n",
        plan.project,
        count(plan.stages.len(), "stage"),
        count(plan.images.len(), "image")
    );
    for stage in &plan.stages {
        text.push('\n');
        stage_text(&mut text, stage);
    }
    text.push_str("\nimages\n");
    for (index, image) in plan.images.iter().enumerate() {
        let last = index + 1 == plan.images.len();
        let names: Vec<String> = image.references.iter().map(ToString::to_string).collect();
        let form = image
            .variant
            .map(|variant| format!(", {} form", variant.name()));
        line(
            &mut text,
            &format!(
                "{} {}  from stage {}{}",
                branch(last),
                names.join(", "),
                image.stage,
                form.unwrap_or_default()
            ),
        );
        let bar = if last { " " } else { "│" };
        for change in &image.changes {
            line(
                &mut text,
                &format!("{bar}     {}: {}", change.what, change.why),
            );
        }
        for remark in &image.remarks {
            line(&mut text, &format!("{bar}     note: {}", remark.message));
            line(&mut text, &format!("{bar}           {}", remark.help));
        }
    }
    text
}

fn stage_text(text: &mut String, stage: &Stage) {
    let from = match &stage.from {
        Parent::Base(base) => base_text(base),
        Parent::Stage(name) => name.clone(),
    };
    let when = if stage.on_demand {
        "  (only if something asks for it)"
    } else {
        ""
    };
    line(text, &format!("{}  from {from}{when}", stage.name));
    let bar = if stage.steps.is_empty() { " " } else { "│" };
    line(text, &format!("{bar}  {}", stage.why));
    for (index, step) in stage.steps.iter().enumerate() {
        step_text(text, step, index + 1 == stage.steps.len());
    }
}

fn step_text(text: &mut String, step: &Step, last: bool) {
    let number = step.id.rsplit('/').next().unwrap_or(&step.id);
    let place = step
        .line
        .map(|line| format!("  [line {line}]"))
        .unwrap_or_default();
    line(
        text,
        &format!("{} {number}  {}{place}", branch(last), step.title),
    );
    let bar = if last { " " } else { "│" };
    line(text, &format!("{bar}     {}", step.why));
}

fn line(text: &mut String, content: &str) {
    writeln!(text, "{}", content.trim_end()).expect("a string takes everything");
}

fn branch(last: bool) -> &'static str {
    if last { "└─" } else { "├─" }
}

fn count(number: usize, what: &str) -> String {
    if number == 1 {
        format!("1 {what}")
    } else {
        format!("{number} {what}s")
    }
}

fn base_text(base: &Base) -> String {
    match base {
        Base::Scratch => "scratch".to_owned(),
        Base::Debian {
            suite,
            slim,
            mirror,
        } => {
            let slim = if *slim { "-slim" } else { "" };
            let mirror = mirror
                .as_ref()
                .map(|mirror| format!(" at {mirror}"))
                .unwrap_or_default();
            format!("debian:{suite}{slim}{mirror}")
        }
        Base::Distroless { suite, mirror } => {
            let mirror = mirror
                .as_ref()
                .map(|mirror| format!(" at {mirror}"))
                .unwrap_or_default();
            format!("debian:{suite}/distroless{mirror}")
        }
        Base::Layout { path, name } => {
            let name = name
                .as_ref()
                .map(|name| format!(" ({name})"))
                .unwrap_or_default();
            format!("layout {path}{name}")
        }
        Base::Archive { path } => format!("archive {path}"),
        Base::Dockerfile(recipe) => {
            let target = recipe.target.as_ref();
            let target = target.map(|target| format!(" (stage {target})"));
            format!("{}{}", recipe.file, target.unwrap_or_default())
        }
        Base::Registry { reference } => reference.to_string(),
    }
}
