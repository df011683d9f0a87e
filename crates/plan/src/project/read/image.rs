//! `[image]`: what all images of the project have in common.

use std::collections::BTreeMap;

use toml::de::DeValue;

use super::{base, python, repository, words};
use crate::document::{self, Findings, Part, Section};
use crate::project::{Base, Image, Package, User};
use crate::reference::Reference;

const KEYS: &[&str] = &[
    "base",
    "python",
    "packages",
    "repository",
    "build-packages",
    "requirements",
    "constraints",
    "pyproject",
    "extras",
    "groups",
    "lock",
    "installer",
    "shared",
    "user",
    "env",
    "prefix",
    "workdir",
];

/// The table `[image]`, or what holds without one.
pub(super) fn read(table: Option<&Section<'_>>, project: &str, findings: &mut Findings) -> Image {
    let Some(table) = table else {
        return Image::of(project);
    };
    table.only(KEYS, findings);
    let base = match table.value("base") {
        Some(value) => base::read(value, &table.path("base"), findings),
        None => Base::default(),
    };
    let python = python::version(table, findings);
    python::check_base(&base, python.as_deref(), table, findings);
    let defaults = Image::of(project);
    Image {
        base,
        python,
        packages: packages(table, findings),
        repositories: repository::read(table, findings),
        requirements: python::requirements(table, findings),
        installer: python::installer(table, findings),
        shared: paths(table, "shared", findings),
        user: user(table, findings),
        env: env(table, findings),
        prefix: prefix(table, findings).unwrap_or(defaults.prefix),
        workdir: match table.string("workdir", findings) {
            Some(text) => words::absolute("workdir", &text, &table.path("workdir"), findings),
            None => defaults.workdir,
        },
    }
}

/// Paths below the project, as in `shared` and `copy`.
pub(super) fn paths(table: &Section<'_>, key: &str, findings: &mut Findings) -> Vec<String> {
    let given = table.strings(key, findings);
    given
        .into_iter()
        .map(|(path, text)| words::relative(key, &text, &path, findings))
        .collect()
}

/// Environment variables, as in `[image]` and in a role.
pub(super) fn env(table: &Section<'_>, findings: &mut Findings) -> BTreeMap<String, String> {
    let mut variables = BTreeMap::new();
    for (path, name, value) in table.strings_by_key("env", findings) {
        words::variable(name, &value, &path, findings);
        variables.insert(name.to_owned(), value);
    }
    variables
}

/// `packages`: names, and tables of a run-time package and its build-time partner; and `build-packages`.
fn packages(table: &Section<'_>, findings: &mut Findings) -> Vec<Package> {
    let mut packages = Vec::new();
    let items = match table.value("packages") {
        Some(DeValue::Array(items)) => items.iter().map(toml::Spanned::get_ref).collect(),
        Some(other) => {
            document::wrong_type(
                other,
                &table.path("packages"),
                "an array of packages",
                findings,
            )
            .with_help(
                "for example [\"libpq5\"], with a build-time partner [{ libpq5 = \"libpq-dev\" }]",
            );
            Vec::new()
        }
        None => Vec::new(),
    };
    for (index, item) in items.into_iter().enumerate() {
        let path = table.path(&format!("packages.{index}"));
        if let DeValue::Table(pairs) = item {
            for (run, build) in Section::new(&path, pairs).entries() {
                let path = format!("{path}.{run}");
                words::package(run, Part::Key, &path, findings);
                if let Some(build) = document::string(build, &path, findings) {
                    words::package(&build, Part::Value, &path, findings);
                    packages.push(Package {
                        run: Some(run.to_owned()),
                        build: Some(build),
                    });
                }
            }
        } else if let Some(name) = document::string(item, &path, findings) {
            words::package(&name, Part::Value, &path, findings);
            packages.push(Package {
                run: Some(name),
                build: None,
            });
        }
    }
    for (path, name) in table.strings("build-packages", findings) {
        words::package(&name, Part::Value, &path, findings);
        packages.push(Package {
            run: None,
            build: Some(name),
        });
    }
    packages
}

fn user(table: &Section<'_>, findings: &mut Findings) -> User {
    let mut user = User::default();
    let Some(table) = table.section("user", findings) else {
        return user;
    };
    table.only(&["name", "uid", "gid"], findings);
    if let Some(name) = table.string("name", findings) {
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
        let starts = name
            .bytes()
            .next()
            .is_some_and(|b| b.is_ascii_lowercase() || b == b'_');
        if !starts || name.len() > 32 || !name.bytes().all(fits) {
            findings
                .value(
                    &table.path("name"),
                    format!("\"{name}\" cannot be the name of a user"),
                )
                .with_label("up to 32 lower-case letters, digits, _ and -, a letter or _ first");
        }
        user.name = name;
    }
    let uid = id(&table, "uid", findings);
    user.uid = uid.unwrap_or(user.uid);
    user.gid = id(&table, "gid", findings).or(uid).unwrap_or(user.gid);
    user
}

/// A user or group id. The last number means "nobody in particular" to the kernel and is refused.
fn id(table: &Section<'_>, key: &str, findings: &mut Findings) -> Option<u32> {
    let number = table.integer(key, findings)?;
    match u32::try_from(number) {
        Ok(id) if id < u32::MAX => Some(id),
        _ => {
            findings
                .value(&table.path(key), format!("{key} {number} is out of range"))
                .with_label("expected 0 to 4294967294");
            None
        }
    }
}

fn prefix(table: &Section<'_>, findings: &mut Findings) -> Option<String> {
    let text = table.string("prefix", findings)?;
    let path = table.path("prefix");
    match format!("{text}/x").parse::<Reference>() {
        Ok(_) => {}
        Err(error) => {
            findings
                .value(
                    &path,
                    format!("image names cannot begin with \"{text}\": {}", error.reason),
                )
                .with_label("expected a registry and a path, or a path")
                .with_help("for example \"registry.example.com/guestbook\"");
        }
    }
    Some(text)
}
