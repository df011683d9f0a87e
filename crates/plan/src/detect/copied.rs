//! What of the folder goes into the image.

use std::collections::BTreeSet;

use super::Sources;
use super::sketch::Sketch;
use super::source::extension;

/// Names at the top that the application does not need when it runs.
const LEFT_OUT: [&str; 22] = [
    "CHANGELOG",
    "CONTRIBUTING",
    "Containerfile",
    "Dockerfile",
    "LICENSE",
    "Makefile",
    "Pipfile",
    "Procfile",
    "README",
    "boatyard.toml",
    "compose",
    "docker-compose",
    "docs",
    "environment",
    "justfile",
    "noxfile",
    "package-lock",
    "poetry",
    "pdm",
    "test",
    "tests",
    "tox",
];

/// Above so many names everything is copied: a longer list is no better.
const MANY: usize = 12;

/// Adds the folders and files at the top.
pub(super) fn look(sketch: &mut Sketch, sources: &Sources<'_>) {
    if sketch.is_copied {
        return;
    }
    let used = sketch.requirements.as_ref().map(|(_, file)| file.as_str());
    let tops: BTreeSet<&str> = sources
        .paths
        .iter()
        .filter_map(|path| path.split('/').next())
        .filter(|top| !top.starts_with('.') && !is_left_out(top))
        .filter(|top| Some(*top) != used)
        .collect();
    if tops.len() > MANY {
        sketch.copy = vec![".".to_owned()];
    } else {
        sketch.copy.extend(tops.into_iter().map(str::to_owned));
    }
    if sources.has_folder("src") && sketch.requirements.is_some() {
        let path = sketch.env.entry("PYTHONPATH".to_owned());
        path.or_insert_with(|| "/app/src".to_owned());
    }
}

fn is_left_out(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name);
    LEFT_OUT.iter().any(|out| name == *out || stem == *out)
        || matches!(extension(name), Some("lock" | "md" | "rst"))
        || matches!(
            name,
            "requirements.txt" | "requirements" | "pyproject.toml" | "runtime.txt"
        )
        || name.starts_with("requirements-")
}
