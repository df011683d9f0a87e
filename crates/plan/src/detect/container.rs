//! `Dockerfile`: of a Python application, taken apart; of any other, the base of the project.

use super::Sources;
use super::instruction::{Taken, line, workdir};
use super::python::{choose, minor};
use super::sketch::Sketch;
use super::write::{quoted, table};
use crate::dockerfile::{Dockerfile, Kind, parse};
use crate::project::Recipe;

/// Adds what the file says.
pub(super) fn look(sketch: &mut Sketch, sources: &Sources<'_>) {
    let files = ["Dockerfile", "Containerfile"];
    let Some((file, text)) = files
        .into_iter()
        .find_map(|file| Some((file, sources.text(file)?)))
    else {
        return;
    };
    let recipe = Recipe::of(file);
    if let Some(taken) = read(sketch, text, &recipe) {
        taken.give(sketch);
    }
}

/// Adds what the Dockerfile `file` says.
pub(super) fn look_at(sketch: &mut Sketch, sources: &Sources<'_>, file: &str) {
    let recipe = Recipe::of(file);
    if let Some(text) = sources.text(file)
        && let Some(taken) = read(sketch, text, &recipe)
    {
        taken.give(sketch);
    }
}

/// Adds what the Dockerfile of `recipe`, whose text this is, says of the image; how it is run is the caller's.
pub(super) fn read<'a>(
    sketch: &mut Sketch,
    text: &'a str,
    recipe: &'a Recipe,
) -> Option<Taken<'a>> {
    let file = recipe.file.as_str();
    let Ok(dockerfile) = parse(text) else {
        sketch.left(
            file,
            None,
            "it has mistakes, and says nothing",
            "boatyard build --check . shows them",
        );
        return None;
    };
    let mut taken = Taken::new(file, text);
    let is_plain = recipe.target.is_none() && recipe.args.is_empty() && recipe.context == ".";
    if is_plain && is_python(sketch, &dockerfile) {
        apart(sketch, &dockerfile, &mut taken);
    } else {
        whole(sketch, &dockerfile, recipe, &mut taken);
    }
    Some(taken)
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
fn whole(sketch: &mut Sketch, dockerfile: &Dockerfile, recipe: &Recipe, taken: &mut Taken<'_>) {
    sketch.base = Some(base(recipe));
    sketch.python = None;
    sketch.is_copied = true;
    // The dependencies are in it, too.
    sketch.requirements = None;
    sketch.found.retain(|found| found.what != "dependencies");
    sketch.found(taken.file, "the base");
    let named = recipe.target.as_deref();
    let target = dockerfile.stages.iter().find(|stage| {
        let name = stage.name.as_ref();
        name.zip(named)
            .is_some_and(|(name, named)| name.text.eq_ignore_ascii_case(named))
    });
    let last = target.unwrap_or(&dockerfile.stages[dockerfile.stages.len() - 1]);
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

/// `image.base` as TOML.
fn base(recipe: &Recipe) -> String {
    let mut pairs = vec![format!("dockerfile = {}", quoted(&recipe.file))];
    if recipe.context != "." {
        pairs.push(format!("context = {}", quoted(&recipe.context)));
    }
    if let Some(target) = &recipe.target {
        pairs.push(format!("target = {}", quoted(target)));
    }
    if !recipe.args.is_empty() {
        pairs.push(format!("args = {}", table(&recipe.args)));
    }
    format!("{{ {} }}", pairs.join(", "))
}
