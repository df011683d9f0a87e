//! `base`: what images start from.
//!
//! ```text
//! "scratch"   "debian:bookworm-slim"   "debian:bookworm/distroless"
//! "oci:DIR"   "oci-archive:FILE"   "docker-archive:FILE"   any image name
//! { debian = "trixie", slim = true, mirror = "http://..." }   { layout = "DIR", name = "app" }   { archive = "FILE" }
//! { dockerfile = "Dockerfile.base", context = ".", target = "run", args = { VERSION = "1" } }
//! ```

use std::collections::BTreeMap;

use toml::de::DeValue;

use super::words;
use crate::document::{Findings, Section, suggestion, wrong_type};
use crate::project::{Base, Recipe, SUITES};
use crate::reference::Reference;

/// The base at `path`; the default where it is wrong.
pub(super) fn read(value: &DeValue<'_>, path: &str, findings: &mut Findings) -> Base {
    match value {
        DeValue::String(text) => from_text(text, path, findings),
        DeValue::Table(table) => from_table(&Section::new(path, table), findings),
        other => {
            wrong_type(other, path, "a string or a table", findings)
                .with_help("for example base = \"debian:bookworm\"");
            None
        }
    }
    .unwrap_or_default()
}

fn from_text(text: &str, path: &str, findings: &mut Findings) -> Option<Base> {
    if text == "scratch" {
        return Some(Base::Scratch);
    }
    if let Some(release) = text
        .strip_prefix("debian:")
        .or((text == "debian").then_some(""))
    {
        if let Some(suite) = release.strip_suffix("/distroless") {
            let suite = known_suite(suite, path, findings)?;
            return Some(Base::Distroless {
                suite,
                mirror: None,
            });
        }
        let (suite, slim) = match release.strip_suffix("-slim") {
            Some(suite) => (suite, true),
            None => (release, false),
        };
        let suite = known_suite(suite, path, findings)?;
        return Some(Base::Debian {
            suite,
            slim,
            mirror: None,
        });
    }
    if let Some(folder) = text.strip_prefix("oci:") {
        let path = not_empty("layout folder", folder, path, findings)?;
        return Some(Base::Layout { path, name: None });
    }
    if let Some(file) = text
        .strip_prefix("oci-archive:")
        .or_else(|| text.strip_prefix("docker-archive:"))
    {
        let path = not_empty("archive", file, path, findings)?;
        return Some(Base::Archive { path });
    }
    reference(text, path, findings)
}

fn from_table(table: &Section<'_>, findings: &mut Findings) -> Option<Base> {
    const KINDS: &[&str] = &["debian", "layout", "archive", "dockerfile"];
    let given: Vec<&str> = KINDS
        .iter()
        .copied()
        .filter(|kind| table.has(kind))
        .collect();
    let kind = match given.as_slice() {
        [kind] => *kind,
        [] => {
            if table.only(
                &[
                    "debian",
                    "slim",
                    "distroless",
                    "mirror",
                    "layout",
                    "name",
                    "archive",
                    "dockerfile",
                    "context",
                    "target",
                    "args",
                ],
                findings,
            ) {
                findings
                    .value(&table.path, "base does not say what it is")
                    .with_label("expected debian, layout, archive or dockerfile")
                    .with_help("for example { debian = \"bookworm\" }");
            }
            return None;
        }
        [first, second, ..] => {
            findings
                .key(
                    &table.path(second),
                    format!("base is both {first} and {second}"),
                )
                .with_label("only one of them");
            return None;
        }
    };
    match kind {
        "debian" => debian(table, findings),
        "layout" => {
            table.only(&["layout", "name"], findings);
            let name = table.string("name", findings);
            let folder = table.string("layout", findings)?;
            let path = not_empty("layout folder", &folder, &table.path("layout"), findings)?;
            Some(Base::Layout { path, name })
        }
        "archive" => {
            table.only(&["archive"], findings);
            let file = table.string("archive", findings)?;
            let path = not_empty("archive", &file, &table.path("archive"), findings)?;
            Some(Base::Archive { path })
        }
        _ => recipe(table, findings).map(Base::Dockerfile),
    }
}

fn debian(table: &Section<'_>, findings: &mut Findings) -> Option<Base> {
    table.only(&["debian", "slim", "distroless", "mirror"], findings);
    let slim = table.boolean("slim", findings).unwrap_or(false);
    let distroless = table.boolean("distroless", findings).unwrap_or(false);
    let mirror = table.string("mirror", findings);
    if let Some(mirror) = &mirror
        && !mirror.starts_with("http://")
        && !mirror.starts_with("https://")
    {
        findings
            .value(
                &table.path("mirror"),
                format!("\"{mirror}\" is not the address of a mirror"),
            )
            .with_label("begins with http:// or https://")
            .with_help("for example \"http://deb.debian.org/debian\"");
    }
    let suite = table.string("debian", findings)?;
    let suite = known_suite(&suite, &table.path("debian"), findings)?;
    Some(if distroless {
        Base::Distroless { suite, mirror }
    } else {
        Base::Debian {
            suite,
            slim,
            mirror,
        }
    })
}

/// A Dockerfile; its context is the project's folder unless it says otherwise.
fn recipe(table: &Section<'_>, findings: &mut Findings) -> Option<Recipe> {
    table.only(&["dockerfile", "context", "target", "args"], findings);
    let context = match table.string("context", findings) {
        Some(text) => words::relative("context", &text, &table.path("context"), findings),
        None => ".".to_owned(),
    };
    let target = table.string("target", findings);
    if target.as_deref() == Some("") {
        findings
            .value(&table.path("target"), "target names no stage")
            .with_label("leave it out for the last stage");
    }
    let mut args = BTreeMap::new();
    for (path, name, value) in table.strings_by_key("args", findings) {
        words::variable(name, &value, &path, findings);
        args.insert(name.to_owned(), value);
    }
    let file = table.string("dockerfile", findings)?;
    Some(Recipe {
        file: words::relative("dockerfile", &file, &table.path("dockerfile"), findings),
        context,
        target,
        args,
    })
}

fn known_suite(suite: &str, path: &str, findings: &mut Findings) -> Option<String> {
    if SUITES.iter().any(|known| known.name == suite) {
        return Some(suite.to_owned());
    }
    let help = match SUITES
        .iter()
        .find(|known| suite == known.number || suite.starts_with(&format!("{}.", known.number)))
    {
        Some(known) => Some(format!(
            "Debian {} is called \"{}\"",
            known.number, known.name
        )),
        None => suggestion("suites", suite, SUITES.iter().map(|known| known.name)),
    };
    let message = if suite.is_empty() {
        "base names no Debian suite".to_owned()
    } else {
        format!("unknown Debian suite \"{suite}\"")
    };
    findings
        .value(path, message)
        .with_label("cannot be made from packages")
        .with_suggestion(help);
    None
}

fn reference(text: &str, path: &str, findings: &mut Findings) -> Option<Base> {
    match text.parse::<Reference>() {
        Ok(reference) => Some(Base::Registry { reference }),
        Err(error) => {
            let help = if text.contains("Dockerfile") {
                format!("write base = {{ dockerfile = {text:?} }}")
            } else {
                "for example \"debian:bookworm\" or \"registry.example.com/team/base:1.2\""
                    .to_owned()
            };
            findings
                .value(path, format!("base {error}"))
                .with_label("not an image name")
                .with_help(help);
            None
        }
    }
}

fn not_empty(what: &str, text: &str, path: &str, findings: &mut Findings) -> Option<String> {
    if text.is_empty() || text.contains('\0') {
        findings
            .value(path, format!("base names no {what}"))
            .with_label("a path is missing");
        return None;
    }
    Some(text.to_owned())
}
