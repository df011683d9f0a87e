//! Python packages that the project names, and what they tell.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

use super::Sources;
use super::sketch::Sketch;
use super::source::is_requirements;
use crate::project::BackingKind;

/// Names of packages in their normal form, each with the file that names it.
pub(super) type Dependencies = BTreeMap<String, String>;

/// Packages that are compiled: what they need when they run and when they are built.
const COMPILED: [(&str, &str, &str); 5] = [
    ("psycopg2", "libpq5", "libpq-dev"),
    ("psycopg-c", "libpq5", "libpq-dev"),
    ("mysqlclient", "libmariadb3", "libmariadb-dev"),
    ("python-ldap", "libldap-2.5-0", "libldap2-dev"),
    ("pycairo", "libcairo2", "libcairo2-dev"),
];

/// Packages that talk to something beside the application.
const TALKING: [(&str, BackingKind); 10] = [
    ("asyncpg", BackingKind::Postgres),
    ("pg8000", BackingKind::Postgres),
    ("psycopg", BackingKind::Postgres),
    ("psycopg-binary", BackingKind::Postgres),
    ("psycopg2", BackingKind::Postgres),
    ("psycopg2-binary", BackingKind::Postgres),
    ("django-redis", BackingKind::Redis),
    ("redis", BackingKind::Redis),
    ("rq", BackingKind::Redis),
    ("channels-redis", BackingKind::Redis),
];

/// What the files of dependencies name.
pub(super) fn names(sources: &Sources<'_>) -> Dependencies {
    let mut names = Dependencies::new();
    let mut add = |requirement: &str, file: &str| {
        for name in requirement_names(requirement) {
            names.entry(name).or_insert_with(|| file.to_owned());
        }
    };
    for (path, text) in sources.texts {
        if path == "requirements.txt" || is_requirements(path) {
            text.lines().for_each(|line| add(line, path));
        }
    }
    if let Some(text) = sources.text("pyproject.toml") {
        for requirement in pyproject(text) {
            add(&requirement, "pyproject.toml");
        }
    }
    if let Some(text) = sources.text("uv.lock") {
        let names = text.lines().filter_map(|line| line.strip_prefix("name = "));
        names.for_each(|name| add(name.trim_matches('"'), "uv.lock"));
    }
    names
}

/// The name of a requirement, and one for each of its extras: `psycopg[c]` is `psycopg` and `psycopg-c`.
fn requirement_names(line: &str) -> Vec<String> {
    let line = line.split('#').next().unwrap_or_default().trim();
    let end = line
        .find(|c: char| !(c.is_ascii_alphanumeric() || "._-".contains(c)))
        .unwrap_or(line.len());
    let (name, rest) = line.split_at(end);
    if name.is_empty() || name.starts_with('-') {
        return Vec::new();
    }
    let name = name.replace(['_', '.'], "-").to_lowercase();
    let extras = rest.trim_start().strip_prefix('[');
    let extras = extras.and_then(|rest| rest.split(']').next());
    let mut names = vec![name.clone()];
    let extras = extras.into_iter().flat_map(|extras| extras.split(','));
    names.extend(extras.map(|extra| format!("{name}-{}", extra.trim().to_lowercase())));
    names
}

/// `project.dependencies` of a pyproject.toml.
fn pyproject(text: &str) -> Vec<String> {
    let (document, _) = DeTable::parse_recoverable(text);
    let document = document.into_inner();
    let project = document
        .get("project")
        .and_then(|value| value.get_ref().as_table());
    let list = project.and_then(|table| table.get("dependencies"));
    match list.map(toml::Spanned::get_ref) {
        Some(DeValue::Array(items)) => items
            .iter()
            .filter_map(|item| Some(item.get_ref().as_str()?.to_owned()))
            .collect(),
        _ => Vec::new(),
    }
}

/// Adds packages that the dependencies need.
pub(super) fn packages(sketch: &mut Sketch, dependencies: &Dependencies) {
    for (name, run, build) in COMPILED {
        // A Dockerfile that is the base has them already.
        if !sketch.is_copied
            && let Some(file) = dependencies.get(name)
        {
            sketch.found(
                file,
                format!("package {run}, built against {build}: {name} is compiled"),
            );
            sketch.packages.remove(run);
            sketch.build_packages.remove(build);
            sketch.pairs.insert(run.to_owned(), build.to_owned());
        }
    }
}

/// Adds backing services that the dependencies talk to.
pub(super) fn backings(sketch: &mut Sketch, dependencies: &Dependencies) {
    for (name, kind) in TALKING {
        if let Some(file) = dependencies.get(name) {
            sketch.backing(file, kind);
        }
    }
    if let Some(file) = dependencies.get("celery-redis") {
        sketch.backing(file, BackingKind::Redis);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements() {
        for (line, expected) in [
            ("Django>=4.2,<5  # why", "django"),
            ("celery[redis,s3] == 5.3", "celery celery-redis celery-s3"),
            ("zope.interface", "zope-interface"),
            ("psycopg2_binary ; python_version > '3'", "psycopg2-binary"),
            ("shop @ https://host/shop.whl", "shop"),
            ("-r base.txt", ""),
            ("--hash=sha256:00", ""),
            ("", ""),
            ("# django", ""),
        ] {
            assert_eq!(requirement_names(line).join(" "), expected, "{line:?}");
        }
    }
}
