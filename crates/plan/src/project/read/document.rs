//! The whole file.

use toml::de::{DeTable, Error};

use super::findings::{Findings, Part};
use super::places::Places;
use super::section::Section;
use super::{check, deploy, image, process, release, schedule, words};
use crate::diagnostic::Diagnostic;
use crate::project::{Lines, Project};

const KEYS: &[&str] = &[
    "project", "image", "service", "role", "job", "schedule", "backing", "release", "deploy",
    "preview", "check",
];

/// The project that `text`, the content of a boatyard.toml, describes; or all its mistakes in the order of the text
/// (never none). A text that is not TOML yields only what keeps it from being TOML.
pub fn parse(text: &str) -> Result<Project, Vec<Diagnostic>> {
    let (document, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        return Err(syntax_mistakes(&errors, text));
    }
    let document = document.into_inner();
    let mut findings = Findings::new(Places::of(&document));
    let mut project = read(&Section::new("", &document), &mut findings);
    check::all(&project, &mut findings);
    let (places, mistakes) = findings.finish();
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    process::complete(&mut project);
    project.lines = places.lines(text);
    Ok(project)
}

/// The parts of the file, each for itself.
fn read(document: &Section<'_>, findings: &mut Findings) -> Project {
    document.only(KEYS, findings);
    let name = name(document, findings);
    let table = document.section("image", findings);
    // Reserved for the preview environments, which read it themselves.
    document.section("preview", findings);
    // What `boatyard check` looks for; the crate that checks reads it.
    document.section("check", findings);
    Project {
        image: image::read(table.as_ref(), &name, findings),
        services: process::services(document, findings),
        roles: process::roles(document, findings),
        jobs: process::jobs(document, findings),
        schedules: schedule::read(document, findings),
        backings: process::backings(document, findings),
        release: release::read(document, findings),
        deploy: deploy::read(document, findings),
        lines: Lines::default(),
        name,
    }
}

fn name(document: &Section<'_>, findings: &mut Findings) -> String {
    let fallback = "project".to_owned();
    if !document.has("project") {
        findings
            .key("project", "the file has no [project]")
            .with_label("a name is missing")
            .with_help("begin the file with [project] and name = \"NAME\"");
        return fallback;
    }
    let Some(table) = document.section("project", findings) else {
        return fallback;
    };
    table.only(&["name"], findings);
    if !table.has("name") {
        findings
            .value("project", "[project] has no name")
            .with_label("name is missing")
            .with_help("add name = \"NAME\"");
    }
    let Some(name) = table.string("name", findings) else {
        return fallback;
    };
    words::name("project", &name, Part::Value, "project.name", findings);
    name
}

/// The errors of the TOML parser in the order of the text, the first of each line: what follows on the same line is most
/// often its consequence.
fn syntax_mistakes(errors: &[Error], text: &str) -> Vec<Diagnostic> {
    let mut mistakes: Vec<Diagnostic> = errors.iter().map(|error| syntax(error, text)).collect();
    mistakes.sort_by_key(|mistake| mistake.span.start);
    mistakes.dedup_by_key(|mistake| mistake.position(text).0);
    mistakes
}

fn syntax(error: &Error, text: &str) -> Diagnostic {
    let span = error.span().unwrap_or(0..0);
    let start = span.start.min(text.len());
    let end = span.end.clamp(start, text.len());
    let wrong = text.get(start..end).unwrap_or("");
    let (found, expected) = match error.message().split_once(", expected ") {
        Some((found, expected)) => (found, Some(expected)),
        None => (error.message(), None),
    };
    let (message, label, help) = match found {
        "string values must be quoted" if wrong.is_empty() => {
            ("a value is missing".to_owned(), "no value", None)
        }
        "string values must be quoted" => {
            let quoted = (!wrong.contains(['"', '\\', '\n'])).then(|| format!("write \"{wrong}\""));
            (
                "a string must be in quotes".to_owned(),
                "not a value of TOML",
                quoted,
            )
        }
        "duplicate key" => (
            format!("{wrong} is given twice"),
            "given above already",
            None,
        ),
        _ => {
            let expected = expected
                .map(|expected| format!("; expected {expected}"))
                .unwrap_or_default();
            (
                format!("{found}{expected}").replace('\n', "; "),
                "not TOML",
                None,
            )
        }
    };
    Diagnostic {
        message,
        span: start..end,
        label: label.to_owned(),
        help,
    }
}
