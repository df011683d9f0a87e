//! The whole file.

use super::{check, deploy, image, preview, process, release, schedule, words};
use crate::diagnostic::Diagnostic;
use crate::document::{self, Findings, Part, Section};
use crate::project::{Lines, Project};

const KEYS: &[&str] = &[
    "project", "image", "service", "role", "job", "schedule", "backing", "release", "deploy",
    "preview", "check",
];

/// The project that `text`, the content of a boatyard.toml, describes; or all its mistakes in the order of the text
/// (never none). A text that is not TOML yields only what keeps it from being TOML.
pub fn parse(text: &str) -> Result<Project, Vec<Diagnostic>> {
    let document = document::table(text)?;
    let mut findings = Findings::of(&document);
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
    // What `boatyard check` looks for; the crate that checks reads it.
    document.section("check", findings);
    let roles = process::roles(document, findings);
    let jobs = process::jobs(document, findings);
    Project {
        preview: preview::read(document, &roles, &jobs, findings),
        image: image::read(table.as_ref(), &name, findings),
        services: process::services(document, findings),
        roles,
        jobs,
        schedules: schedule::read(document, findings),
        backings: process::backings(document, findings),
        release: release::read(document, findings),
        deploy: deploy::read(document, findings),
        copy: None,
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
