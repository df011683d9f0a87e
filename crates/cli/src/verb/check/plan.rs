//! `boatyard check --plan[=FILE]`: what has to change, in order; the file is the memory of what was listed.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use boatyard_harden::migration::{self, Progress};
use boatyard_harden::workspace::Workspace;

use super::error::CheckError;
use super::write;
use crate::answer;
use crate::stopped::Stopped;
use crate::voice::Voice;

/// What stands for standard output.
const STANDARD_OUTPUT: &str = "-";

/// Writes the plan, and reads what an earlier run and people wrote first.
pub fn run(workspace: &Workspace, file: &Path, voice: &Voice) -> Result<(), Stopped> {
    let is_file = file != Path::new(STANDARD_OUTPUT);
    let before = if is_file { read(file)? } else { None };
    if before
        .as_deref()
        .is_some_and(|text| !migration::is_plan(text))
    {
        let path = file.to_owned();
        return Err(CheckError::NotAPlan { path }.into());
    }
    let progress = before
        .as_deref()
        .map_or_else(Progress::default, migration::read);
    let plan = migration::plan(workspace, &progress);
    let text = plan.markdown();
    if is_file && before.as_ref() != Some(&text) {
        write::write(file, before.as_deref(), &text)?;
    }
    if voice.json {
        return answer::json(&plan.json());
    }
    if !is_file {
        return answer::text(&text);
    }
    answer::text(&format!(
        "{}: {} open, {} done, {} decided\n",
        file.display(),
        plan.open.len(),
        plan.done.len(),
        plan.decided.len()
    ))
}

/// The plan of an earlier run, if there was one.
fn read(file: &Path) -> Result<Option<String>, CheckError> {
    match fs::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(source) if source.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(CheckError::Read {
            path: file.to_owned(),
            source,
        }),
    }
}
