//! Finds, checks, mends, tells.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use boatyard_harden::baseline::{self, Baseline};
use boatyard_harden::check::check;
use boatyard_harden::conceal;
use boatyard_harden::finding::{Finding, Severity};
use boatyard_harden::fix::{Fixed, fix};
use boatyard_harden::format;
use boatyard_harden::rule::UNREADABLE;
use boatyard_harden::settings::{self, Settings, Variant};
use boatyard_harden::workspace::Workspace;

use super::error::CheckError;
use super::{diff, explain, find, image, plan, text, write};
use crate::answer;
use crate::args::check::{Check, Format, Level, Variant as Wanted};
use crate::project::{self, FILE};
use crate::stopped::Stopped;
use crate::voice::Voice;

/// Exit code where a file cannot be read.
const UNREAD: u8 = 2;
/// Exit code where something is found.
const FOUND: u8 = 1;

/// Checks what the words say.
pub fn run(words: &Check, voice: &Voice) -> Result<(), Stopped> {
    if let Some(id) = &words.explain {
        return explain::run(id, voice);
    }
    let settings = settings(words)?;
    let workspace = if let Some(reference) = &words.image {
        image::workspace(reference, words.variant.is_some(), settings)?
    } else {
        let found = find::find(&words.paths)?;
        Workspace::read(found.sources, found.paths, settings)
    };
    if let Some(file) = &words.plan {
        return plan::run(&workspace, file, voice);
    }
    if words.diff {
        return changes(workspace, words.suggested);
    }
    let (workspace, findings) = if words.fix {
        let fixed = mend(workspace, words.suggested, voice)?;
        let findings = check(&fixed.workspace);
        (fixed.workspace, findings)
    } else {
        let findings = check(&workspace);
        (workspace, findings)
    };
    if let Some(path) = &words.write_baseline {
        return fs::write(path, baseline::write(&findings, &workspace)).map_err(|source| {
            let path = path.clone();
            CheckError::Write { path, source }.into()
        });
    }
    let findings = match &words.baseline {
        Some(path) => Baseline::read(&read(path)?).new_ones(findings, &workspace),
        None => findings,
    };
    let told: Vec<Finding> = findings
        .into_iter()
        .filter(|finding| finding.severity >= severity(words.severity))
        .collect();
    answer::text(&rendered(&told, &workspace, words, voice))?;
    match exit(&told, severity(words.threshold)) {
        0 => Ok(()),
        code => Err(Stopped::Ended(code)),
    }
}

fn rendered(findings: &[Finding], workspace: &Workspace, words: &Check, voice: &Voice) -> String {
    let default = if voice.json {
        Format::Json
    } else {
        Format::Text
    };
    match words.format.unwrap_or(default) {
        Format::Text => text::render(findings, workspace, voice),
        Format::Json => format!("{:#}\n", format::json(findings, workspace)),
        Format::Sarif => format!("{:#}\n", format::sarif(findings, workspace)),
        Format::Github => format::github(findings, workspace),
        Format::Gitlab => format!("{:#}\n", format::gitlab(findings, workspace)),
        Format::Junit => format::junit(findings, workspace),
    }
}

fn exit(findings: &[Finding], threshold: Severity) -> u8 {
    if findings
        .iter()
        .any(|finding| finding.rule.id == UNREADABLE.id)
    {
        UNREAD
    } else if findings.iter().any(|finding| finding.severity >= threshold) {
        FOUND
    } else {
        0
    }
}

fn severity(level: Level) -> Severity {
    match level {
        Level::Info => Severity::Info,
        Level::Warning => Severity::Warning,
        Level::Error => Severity::Error,
    }
}

/// The settings of the nearest project file, and what the words say over them.
fn settings(words: &Check) -> Result<Settings, Stopped> {
    let here = project::here()?;
    let folder = here.ancestors().find(|folder| folder.join(FILE).is_file());
    let mut settings = match folder {
        Some(folder) => settings::read(&read(&folder.join(FILE))?).0,
        None => Settings::default(),
    };
    if let Some(below) = folder.and_then(|folder| here.strip_prefix(folder).ok())
        && !below.as_os_str().is_empty()
    {
        settings.base = format!("{}/", below.display());
    }
    for id in &words.ignore {
        if boatyard_harden::rule::named(id).is_none() {
            return Err(CheckError::Rule { id: id.clone() }.into());
        }
        settings.ignore.push(id.clone());
    }
    match words.variant {
        Some(Wanted::Docker) => settings.variant = Variant::Docker,
        Some(Wanted::K8s) => settings.variant = Variant::K8s,
        None => {}
    }
    Ok(settings)
}

fn read(path: &Path) -> Result<String, CheckError> {
    fs::read_to_string(path).map_err(|source| CheckError::Read {
        path: path.to_owned(),
        source,
    })
}

/// Shows what would change; an exit code of 1 says that something would.
fn changes(workspace: Workspace, suggested: bool) -> Result<(), Stopped> {
    let before = workspace.clone();
    let fixed = fix(workspace, suggested);
    // Secrets are shown neither where they go nor where they stay.
    let (found, left) = (check(&before), check(&fixed.workspace));
    let mut text = String::new();
    for (path, after) in &fixed.files {
        let old = before.document(path).map_or("", |document| &document.text);
        let (old, after) = conceal::both((old, &of(&found, path)), (after, &of(&left, path)));
        text.push_str(&diff::unified(path, &old, &after));
    }
    answer::text(&text)?;
    if text.is_empty() {
        Ok(())
    } else {
        Err(Stopped::Ended(FOUND))
    }
}

/// Mends and writes.
fn mend(workspace: Workspace, suggested: bool, voice: &Voice) -> Result<Fixed, Stopped> {
    let before = workspace.clone();
    let fixed = fix(workspace, suggested);
    for (path, after) in &fixed.files {
        let old = before.document(path).map(|document| document.text.as_str());
        write::write(Path::new(path), old, after)?;
    }
    // Nobody may be there to read it.
    let mut err = io::stderr();
    for (finding, why) in &fixed.undone {
        let _ = writeln!(err, "{}: {} stays: {why}", finding.file, finding.rule.id);
    }
    if !voice.json {
        for finding in &fixed.mended {
            let (file, id) = (&finding.file, finding.rule.id);
            let _ = writeln!(err, "mended: {file}: {id} {}", finding.message);
        }
    }
    Ok(fixed)
}

/// The findings of one file.
fn of<'f>(findings: &'f [Finding], path: &str) -> Vec<&'f Finding> {
    findings.iter().filter(|one| one.file == path).collect()
}
