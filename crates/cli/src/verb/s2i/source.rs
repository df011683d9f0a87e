//! Looks at an S2I repository.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use boatyard_plan::dockerfile::ignore::Ignore;
use boatyard_plan::failure::Fault;
use boatyard_plan::s2i::{Source, environment};

use crate::diagnose::Mistakes;
use crate::stopped::Stopped;

/// What the repository in `folder` shows; `flags` are variables that win over its own.
pub fn look(folder: &Path, flags: &[(String, String)]) -> Result<Source, Stopped> {
    let mut variables = match text(&folder.join(".s2i/environment")) {
        Some(text) => environment(&text)
            .map_err(|diagnostics| mistaken(".s2i/environment", text, diagnostics))?,
        None => Vec::new(),
    };
    variables.retain(|(name, _)| !flags.iter().any(|(flag, _)| flag == name));
    variables.extend_from_slice(flags);
    Ok(Source {
        files: names(folder),
        scripts: names(&folder.join(".s2i/bin")),
        hooks: names(&folder.join(".s2i/action_hooks")),
        requirements: text(&folder.join("requirements.txt")),
        environment: variables,
    })
}

/// What of the folder is left out: what `.s2iignore` says, else the history of Git.
pub fn ignore(folder: &Path) -> Result<Option<Ignore>, Stopped> {
    let text = text(&folder.join(".s2iignore")).unwrap_or_else(|| ".git\n".to_owned());
    let parsed = Ignore::parse(&text);
    parsed
        .map(Some)
        .map_err(|diagnostics| mistaken(".s2iignore", text, diagnostics))
}

fn text(path: &Path) -> Option<String> {
    let bytes = fs::read(path).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

fn mistaken(
    file: &str,
    text: String,
    diagnostics: Vec<boatyard_plan::diagnostic::Diagnostic>,
) -> Stopped {
    Stopped::Mistaken(Mistakes {
        file: file.to_owned(),
        text,
        diagnostics,
        fault: Fault::User,
        causes: Vec::new(),
        findings: false,
    })
}
