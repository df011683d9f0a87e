//! `Dockerfile`: of a Python application, taken apart; of any other, the base of the project.

use super::Sources;
use super::instruction::{Taken, line, workdir};
use super::python::{choose, minor};
use super::sketch::Sketch;
use super::write::quoted;
use crate::dockerfile::{Dockerfile, Kind, parse};

/// Adds what the file says.
pub(super) fn look(sketch: &mut Sketch, sources: &Sources<'_>) {
    let files = ["Dockerfile", "Containerfile"];
    let Some((file, text)) = files
        .into_iter()
        .find_map(|file| Some((file, sources.text(file)?)))
    else {
        return;
    };
    let Ok(dockerfile) = parse(text) else {
        sketch.left(
            file,
            None,
            "it has mistakes, and says nothing",
            "boatyard build --check . shows them",
        );
        return;
    };
    let mut taken = Taken::new(file, text);
    if is_python(sketch, &dockerfile) {
        apart(sketch, &dockerfile, &mut taken);
    } else {
        whole(sketch, &dockerfile, &mut taken);
    }
    taken.give(sketch);
}

/// Whether the application is Python's, and its dependencies are listed where they can be read.
fn is_python(sketch: &Sketch, dockerfile: &Dockerfile) -> bool {
    let from_python = dockerfile
        .stages
        .iter()
        .any(|stage| version(&stage.image.text).is_some());
    sketch.requirements.is_some() && (from_python || sketch.python.is_some())
        || sketch.requirements.is_some() && dockerfile.stages.len() == 1
}

/// The version of `python:3.11-slim`.
fn version(image: &str) -> Option<String> {
    let (name, tag) = image.rsplit_once(':')?;
    let is_python = name.rsplit('/').next() == Some("python");
    is_python.then(|| minor(tag))?
}

/// Takes what the last stage says apart; other stages build what a build here builds by itself.
fn apart(sketch: &mut Sketch, dockerfile: &Dockerfile, taken: &mut Taken<'_>) {
    let mut stages = dockerfile.stages.iter().rev();
    if let Some(version) = stages.find_map(|stage| version(&stage.image.text)) {
        choose(sketch, taken.file, &version);
    }
    let last = dockerfile.stages.len() - 1;
    for (index, stage) in dockerfile.stages.iter().enumerate() {
        for instruction in &stage.instructions {
            if index == last {
                taken.last_stage(instruction, sketch);
            } else {
                taken.earlier_stage(instruction, sketch);
            }
        }
    }
}

/// Makes the Dockerfile the base: what it does stays there, how it is run is the project's.
fn whole(sketch: &mut Sketch, dockerfile: &Dockerfile, taken: &mut Taken<'_>) {
    sketch.base = Some(format!("{{ dockerfile = {} }}", quoted(taken.file)));
    sketch.python = None;
    sketch.is_copied = true;
    // The dependencies are in it, too.
    sketch.requirements = None;
    sketch.found.retain(|found| found.what != "dependencies");
    sketch.found(taken.file, "the base");
    let last = &dockerfile.stages[dockerfile.stages.len() - 1];
    for instruction in &last.instructions {
        match &instruction.kind {
            Kind::Workdir(word) => workdir(word, sketch),
            Kind::User(word) => sketch.left(
                taken.file,
                Some(line(taken.text, instruction)),
                format!("USER {}", word.text),
                "the project has a user of its own: image.user = { name, uid, gid }",
            ),
            Kind::Cmd(_)
            | Kind::Entrypoint(_)
            | Kind::Expose(_)
            | Kind::Healthcheck(_)
            | Kind::StopSignal(_) => taken.run(instruction),
            _ => {}
        }
    }
}
