//! Which Python, and where its dependencies are listed.

use toml::de::DeTable;

use super::Sources;
use super::sketch::Sketch;
use crate::project::{SUITES, Suite};

/// Files that list dependencies in a way that is read: key and file, the first that is there counts.
const LISTS: [(&str, &str); 6] = [
    ("lock", "uv.lock"),
    ("requirements", "requirements.txt"),
    ("requirements", "requirements/prod.txt"),
    ("requirements", "requirements/production.txt"),
    ("requirements", "requirements/base.txt"),
    ("pyproject", "pyproject.toml"),
];

/// Files that list them in a way that is not read.
const OTHERS: [(&str, &str); 5] = [
    ("poetry.lock", "poetry export -o requirements.txt"),
    ("pdm.lock", "pdm export -o requirements.txt"),
    ("Pipfile.lock", "pipenv requirements > requirements.txt"),
    (
        "environment.yml",
        "list what is on the Python index in requirements.txt, Debian packages in image.packages",
    ),
    (
        "setup.py",
        "list its install_requires in requirements.txt, or move them to pyproject.toml",
    ),
];

/// Adds the version and the list of dependencies.
pub(super) fn look(sketch: &mut Sketch, sources: &Sources<'_>) {
    let list = LISTS.into_iter().find(|(key, file)| {
        sources.has(file) && (*key != "pyproject" || lists_dependencies(sources))
    });
    if let Some((key, file)) = list {
        sketch.found(file, "dependencies");
        sketch.requirements = Some((key, file.to_owned()));
    }
    let pyproject = sources.text("pyproject.toml").unwrap_or_default();
    if !DeTable::parse_recoverable(pyproject).1.is_empty() {
        sketch.left(
            "pyproject.toml",
            None,
            "it is not TOML",
            "mend it, and begin again",
        );
    }
    for (file, help) in OTHERS {
        if sources.has(file) && sketch.requirements.is_none() {
            sketch.left(file, None, "its dependencies", help);
        }
    }
    if let Some((file, version)) = version(sources) {
        choose(sketch, file, &version);
    }
}

fn lists_dependencies(sources: &Sources<'_>) -> bool {
    project_value(sources, "dependencies", |_| true).unwrap_or(false)
}

fn project_value<T>(
    sources: &Sources<'_>,
    key: &str,
    read: impl Fn(&toml::de::DeValue<'_>) -> T,
) -> Option<T> {
    let (document, _) = DeTable::parse_recoverable(sources.text("pyproject.toml")?);
    let document = document.into_inner();
    let project = document.get("project")?.get_ref().as_table()?.get(key)?;
    Some(read(project.get_ref()))
}

/// The version that a file asks for, `3.N`.
fn version(sources: &Sources<'_>) -> Option<(&'static str, String)> {
    for file in [".python-version", "runtime.txt"] {
        let text = sources.text(file).map(str::trim);
        if let Some(version) =
            text.and_then(|text| minor(text.strip_prefix("python-").unwrap_or(text)))
        {
            return Some((file, version));
        }
    }
    None
}

/// `3.11.4` is `3.11`.
pub(super) fn minor(text: &str) -> Option<String> {
    let rest = text.strip_prefix("3.")?;
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    (end > 0).then(|| format!("3.{}", &rest[..end]))
}

/// Takes a version: of the Debian release that has it, else of an image that has it.
pub(super) fn choose(sketch: &mut Sketch, file: &str, version: &str) {
    if sketch.python.is_some() || sketch.base.is_some() {
        return;
    }
    let suite = SUITES
        .into_iter()
        .find(|suite: &Suite| suite.python == version);
    if let Some(suite) = suite {
        sketch.base = Some(format!("\"debian:{}\"", suite.name));
        sketch.python = Some(version.to_owned());
    } else {
        // No release of Debian has it: the image of that name, as a Dockerfile would.
        sketch.base = Some(format!("\"python:{version}-slim\""));
    }
    sketch.found(file, format!("Python {version}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        for (text, expected) in [
            ("3.11.4", Some("3.11")),
            ("3.13", Some("3.13")),
            ("3.12-slim-bookworm", Some("3.12")),
            ("3", None),
            ("2.7", None),
            ("pypy3.10", None),
        ] {
            assert_eq!(minor(text).as_deref(), expected, "{text}");
        }
    }
}
