//! What the services of the application are made from: one recipe, as a project has one base.

use std::collections::{BTreeMap, BTreeSet};

use boatyard_plan::project::Recipe;
use boatyard_plan::secret::is_secret;

use super::interpolate::fill;
use super::kind;
use super::reader::{Reader, pairs, shown};
use crate::yaml::Node;

/// What the images of the project start from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// A Dockerfile, and how the file calls the image that it makes.
    Built(Recipe, BTreeSet<String>),
    /// An image of a registry that several services or one with a command run.
    Image(String),
}

/// What most services are made from; the first of those that are as many.
pub(super) fn choose(
    reader: &mut Reader<'_>,
    file: &str,
    services: &[(Node, Node)],
) -> Option<Source> {
    let mut counts: Vec<(Recipe, usize)> = Vec::new();
    for (_, service) in services {
        let Some(recipe) = built(service, file) else {
            continue;
        };
        match counts.iter_mut().find(|(one, _)| *one == recipe) {
            Some((_, count)) => *count += 1,
            None => counts.push((recipe, 1)),
        }
    }
    let most = counts.iter().map(|(_, count)| *count).max().unwrap_or(0);
    if let Some((recipe, _)) = counts.into_iter().find(|(_, count)| *count == most) {
        settings(reader, file, services, &recipe);
        let names = services.iter().filter_map(|(_, service)| {
            let is_it = built(service, file).as_ref() == Some(&recipe);
            service.string("image").filter(|_| is_it)
        });
        let names = names.map(|name| fill(&name).text).collect();
        return Some(Source::Built(recipe, names));
    }
    let image = services.iter().find_map(|(_, service)| {
        let has_command = service.get("command").is_some() || service.get("entrypoint").is_some();
        let image = fill(&service.string("image")?);
        let is_plain = image.unset.is_empty() && !kind::is_backing(service);
        (has_command && is_plain).then_some(image.text)
    })?;
    Some(Source::Image(image))
}

/// Notes settings of the build that a recipe has not, once.
fn settings(reader: &mut Reader<'_>, file: &str, services: &[(Node, Node)], recipe: &Recipe) {
    for (key, service) in services {
        let Some(build) = service
            .get("build")
            .filter(|_| built(service, file).as_ref() == Some(recipe))
        else {
            continue;
        };
        let name = key.text().unwrap_or_default();
        for (setting, _) in pairs(&build) {
            let text = setting.text().unwrap_or_default();
            if !matches!(text, "context" | "dockerfile" | "target" | "args") {
                reader.left(
                    &setting,
                    format!("{text} in build of {name}"),
                    "boatyard build has flags for it, or image.base",
                );
            }
        }
        if let Some(args) = build.get("args") {
            for (argument, value) in super::environment::variables(&args) {
                let filled = value.map(|value| fill(&value));
                let what = match filled {
                    Some(filled) if filled.unset.is_empty() => {
                        if !is_secret(&argument, &filled.text) {
                            continue;
                        }
                        "looks like a secret"
                    }
                    _ => "has no value here",
                };
                reader.left(
                    &args,
                    format!("the argument {argument} of {name} {what}"),
                    "boatyard build --build-arg gives it",
                );
            }
        }
    }
}

/// Whether `service` is made from `source`: it is built so, or has the image that another such service names.
pub(super) fn is_of(service: &Node, source: Option<&Source>, file: &str) -> bool {
    let image = service.string("image").map(|image| fill(&image).text);
    let is_built = service.get("build").is_some();
    match source {
        Some(Source::Built(recipe, _)) if is_built => built(service, file).as_ref() == Some(recipe),
        Some(Source::Built(_, names)) => image.is_some_and(|image| names.contains(&image)),
        Some(Source::Image(name)) => !is_built && image.as_ref() == Some(name),
        None => false,
    }
}

/// Notes a service that is not carried over.
pub(super) fn left(reader: &mut Reader<'_>, key: &Node, service: &Node) {
    let name = key.text().unwrap_or_default();
    match (service.get("build"), service.get("image")) {
        (Some(build), _) => reader.left(
            &build,
            format!("service {name}: it is built from something else"),
            "a project has one base: make it a project of its own, with \"boatyard new\" in its folder",
        ),
        (None, Some(image)) => reader.left(
            &image,
            format!("service {name}: image {}", shown(&image)),
            "it is neither the application nor PostgreSQL or Redis: run it beside the project",
        ),
        (None, None) => reader.left(
            key,
            format!("service {name}: neither build nor image"),
            "name one of them",
        ),
    }
}

/// How a service is built, with paths relative to the project; none if it is not, or from elsewhere.
fn built(service: &Node, file: &str) -> Option<Recipe> {
    let build = service.get("build")?;
    let folder = file.rfind('/').map_or("", |at| &file[..at]);
    let word = |key: &str| {
        let filled = fill(&build.string(key)?);
        filled.unset.is_empty().then_some(filled.text)
    };
    let said = build.text().map(|text| fill(text).text);
    let said = said
        .or_else(|| word("context"))
        .unwrap_or_else(|| ".".to_owned());
    if build.get("dockerfile_inline").is_some() || said.contains("://") || said.starts_with("git@")
    {
        return None;
    }
    let context = within(folder, &said)?;
    let name = word("dockerfile").unwrap_or_else(|| "Dockerfile".to_owned());
    let mut args = BTreeMap::new();
    if let Some(node) = build.get("args") {
        for (argument, value) in super::environment::variables(&node) {
            let filled = value
                .map(|value| fill(&value))
                .filter(|filled| filled.unset.is_empty() && !is_secret(&argument, &filled.text));
            args.extend(filled.map(|filled| (argument, filled.text)));
        }
    }
    Some(Recipe {
        file: within(&context, &name)?,
        context,
        target: word("target").filter(|target| !target.is_empty()),
        args,
    })
}

/// `path` below `folder`, relative to the project; none if it leaves the project.
pub(super) fn within(folder: &str, path: &str) -> Option<String> {
    if path.starts_with(['/', '~']) {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(if parts.is_empty() {
        ".".to_owned()
    } else {
        parts.join("/")
    })
}
