//! The whole file.

use toml::de::{DeTable, Error};

use super::findings::{Findings, Part};
use super::places::Places;
use super::section::Section;
use super::{check, image, process, words};
use crate::diagnostic::Diagnostic;
use crate::project::{Lines, Project};

const KEYS: &[&str] = &[
    "project", "image", "service", "role", "job", "schedule", "backing", "preview",
];

/// The project that `text`, the content of a boatyard.toml, describes; or all its mistakes in the order of the text
/// (never none). A text that is not TOML yields only what keeps it from being TOML.
pub fn parse(text: &str) -> Result<Project, Vec<Diagnostic>> {
    let (document, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        return Err(errors.iter().map(|error| syntax(error, text)).collect());
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
    Project {
        image: image::read(table.as_ref(), &name, findings),
        services: process::services(document, findings),
        roles: process::roles(document, findings),
        jobs: process::jobs(document, findings),
        schedules: process::schedules(document, findings),
        backings: process::backings(document, findings),
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

fn syntax(error: &Error, text: &str) -> Diagnostic {
    let span = error.span().unwrap_or(0..0);
    let (start, end) = (span.start.min(text.len()), span.end.min(text.len()));
    let message = match error.message().split_once(", expected ") {
        Some((found, expected)) => format!("{found}; expected {expected}"),
        None => error.message().to_owned(),
    };
    Diagnostic {
        message: message.replace('\n', "; "),
        span: start..end.max(start),
        label: "not TOML".to_owned(),
        help: None,
    }
}
