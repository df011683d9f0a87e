//! Cases: one text file with the files of a workspace, what a rule finds in them, and what they are after a fix.
//!
//! ```text
//! The exec form has to be JSON.
//! -- Dockerfile --
//! FROM debian:bookworm
//! CMD a b
//! -- findings --
//! Dockerfile:2:5 D01 error safe: CMD starts a shell that does not pass signals on
//! -- fixed/Dockerfile --
//! FROM debian:bookworm
//! CMD ["a", "b"]
//! ```
//! With `UPDATE=1` what is found and fixed is written into the case instead of being compared: then read the difference.

#![allow(
    dead_code,
    clippy::disallowed_methods,
    reason = "each test file is a crate and uses its part of this; cases lie beside it"
)]

pub mod pieces;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use boatyard_harden::finding::{Finding, Safety};
use boatyard_harden::image::{self, File, Image, Layer, look};
use boatyard_harden::rule::Rule;
use boatyard_harden::settings;
use boatyard_harden::workspace::{Source, Workspace};

/// A case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Case {
    /// What it shows.
    pub about: String,
    /// The files, by path.
    pub files: BTreeMap<String, String>,
    /// What is found, one line each.
    pub findings: String,
    /// The files that a fix changes, as they are after it.
    pub fixed: BTreeMap<String, String>,
}

impl Case {
    pub fn read(text: &str) -> Self {
        let mut case = Self::default();
        let mut at: Option<String> = None;
        for line in text.split_inclusive('\n') {
            let header = line
                .trim_end()
                .strip_prefix("-- ")
                .and_then(|rest| rest.strip_suffix(" --"));
            if let Some(name) = header {
                at = Some(name.to_owned());
                if let Some(path) = name.strip_prefix("fixed/") {
                    case.fixed.insert(path.to_owned(), String::new());
                } else if name != "findings" {
                    case.files.insert(name.to_owned(), String::new());
                }
                continue;
            }
            match at.as_deref() {
                None => case.about.push_str(line),
                Some("findings") => case.findings.push_str(line),
                Some(name) => match name.strip_prefix("fixed/") {
                    Some(path) => case.fixed.get_mut(path).unwrap().push_str(line),
                    None => case.files.get_mut(name).unwrap().push_str(line),
                },
            }
        }
        case
    }

    pub fn write(&self) -> String {
        let mut text = self.about.clone();
        for (path, content) in &self.files {
            let _ = write!(text, "-- {path} --\n{content}");
        }
        let _ = write!(text, "-- findings --\n{}", self.findings);
        for (path, content) in &self.fixed {
            let _ = write!(text, "-- fixed/{path} --\n{content}");
        }
        text
    }

    pub fn workspace(&self) -> Workspace {
        workspace(&self.files)
    }
}

/// A workspace of these files; a name with ` (not executable)` behind it is a file that is not.
pub fn workspace(files: &BTreeMap<String, String>) -> Workspace {
    let settings = files
        .get("boatyard.toml")
        .map(|text| settings::read(text).0)
        .unwrap_or_default();
    let sources = files
        .iter()
        .filter(|(path, _)| !path.starts_with("image:"))
        .map(|(path, text)| {
            let (path, executable) = match path.strip_suffix(" (not executable)") {
                Some(path) => (path, Some(false)),
                None => (path.as_str(), None),
            };
            Source {
                path: path.to_owned(),
                text: text.clone(),
                executable,
                not_text: None,
                named: false,
            }
        })
        .collect();
    let mut workspace = Workspace::read(sources, BTreeSet::new(), settings.clone());
    for (path, text) in files {
        if let Some(reference) = path.strip_prefix("image:") {
            let image = image(reference, text);
            let places = image::workspace(&image, settings.clone());
            workspace.documents.extend(places.documents);
        }
    }
    workspace.documents.sort_by(|a, b| a.path.cmp(&b.path));
    workspace
}

/// An image in a case: its configuration as OCI writes it, and `layers`, each the files in it: path -> mode and text.
fn image(reference: &str, text: &str) -> Image {
    let mut said: serde_json::Value = serde_json::from_str(text).unwrap();
    let listed = said["layers"].take();
    let layers = listed.as_array().into_iter().flatten().map(|files| {
        let mut layer = Layer::default();
        for (path, facts) in files.as_object().unwrap() {
            let text = facts["text"].as_str().unwrap_or("");
            let mode = facts["mode"].as_str().unwrap_or("644");
            let file = File {
                path,
                mode: u32::from_str_radix(mode, 8).unwrap(),
                size: text.len() as u64,
                bytes: text.as_bytes(),
            };
            if let Some(found) = look(&file) {
                layer.add(found);
            }
        }
        layer
    });
    let layers = layers.collect();
    for (key, value) in [
        ("architecture", serde_json::json!("amd64")),
        ("os", serde_json::json!("linux")),
        (
            "rootfs",
            serde_json::json!({"type": "layers", "diff_ids": []}),
        ),
    ] {
        said[key] = value;
    }
    said.as_object_mut().unwrap().remove("layers");
    Image {
        reference: reference.to_owned(),
        config: serde_json::from_value(said).unwrap(),
        layers,
    }
}

/// All cases of all rules: id of the rule, file.
pub fn all() -> Vec<(String, PathBuf)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules");
    let mut cases = Vec::new();
    for folder in std::fs::read_dir(root).unwrap() {
        let folder = folder.unwrap();
        for file in std::fs::read_dir(folder.path()).unwrap() {
            cases.push((
                folder.file_name().into_string().unwrap(),
                file.unwrap().path(),
            ));
        }
    }
    cases.sort();
    cases
}

/// Findings, one line each.
pub fn lines(findings: &[Finding], workspace: &Workspace) -> String {
    let mut text = String::new();
    for finding in findings {
        let document = workspace.document(&finding.file).unwrap();
        let place = document.lines.position(finding.span.start, &document.text);
        let how = match (&finding.mend, &finding.refused) {
            (Some(mend), _) if mend.safety == Safety::Safe => "safe".to_owned(),
            (Some(_), _) => "suggested".to_owned(),
            (None, Some(why)) => format!("refused ({why})"),
            (None, None) => "no edit".to_owned(),
        };
        let _ = writeln!(
            text,
            "{}:{}:{} {} {} {how}: {}",
            finding.file,
            place.line,
            place.column,
            finding.rule.id,
            finding.severity.name(),
            finding.message
        );
    }
    text
}

/// The rule of this id.
pub fn rule(id: &str) -> &'static Rule {
    boatyard_harden::rule::named(id).unwrap_or_else(|| panic!("there is no rule {id}"))
}

/// Whether what is found is written down instead of compared.
pub fn is_update() -> bool {
    std::env::var_os("UPDATE").is_some()
}
