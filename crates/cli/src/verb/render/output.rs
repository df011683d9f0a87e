//! Where what was rendered goes: standard output, files of a folder, or JSON.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use boatyard_harden::render::{File, Note, Rendered};
use boatyard_plan::failure::{Failure, Fault};
use serde_json::json;

use crate::answer;
use crate::args::render::Output;
use crate::colour::{HELP, WARNING};
use crate::stopped::Stopped;
use crate::voice::Voice;

/// How files are put into one text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Join {
    /// As documents of one YAML stream.
    Documents,
    /// Each below its name.
    Named,
    /// The first alone: what lies beside a Dockerfile is written into a folder only.
    Dockerfile,
}

/// A file was not written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}", path.display())]
struct NotWritten {
    path: PathBuf,
    source: io::Error,
}

impl Failure for NotWritten {
    fn fault(&self) -> Fault {
        Fault::Refused
    }
}

/// Gives what was rendered to whoever asked; notes go to standard error.
pub fn give(
    rendered: &Rendered,
    output: &Output,
    join: Join,
    voice: &Voice,
) -> Result<(), Stopped> {
    if let Some(folder) = &output.folder {
        for file in &rendered.files {
            write(&folder.join(&file.path), &file.text)?;
        }
    }
    if voice.json {
        return answer::json(&told(rendered));
    }
    for note in &rendered.notes {
        tell(note, voice);
    }
    match &output.folder {
        Some(folder) => {
            let paths = rendered.files.iter().map(|file| folder.join(&file.path));
            let lines: Vec<String> = paths.map(|path| format!("{}\n", path.display())).collect();
            answer::text(&lines.concat())
        }
        None => answer::text(&joined(&rendered.files, join)),
    }
}

/// Tells a note on standard error.
pub fn tell(note: &Note, voice: &Voice) {
    // Nobody may be there to read it.
    let mut err = io::stderr();
    let _ = writeln!(
        err,
        "{} {}",
        voice.err.paint(WARNING, "note:"),
        note.message
    );
    if let Some(help) = &note.help {
        let _ = writeln!(err, "{} {help}", voice.err.paint(HELP, "help:"));
    }
}

fn joined(files: &[File], join: Join) -> String {
    let mut texts = files.iter().map(|file| file.text.as_str());
    match join {
        Join::Dockerfile => texts.next().unwrap_or_default().to_owned(),
        Join::Documents => texts.collect::<Vec<_>>().join("---\n"),
        Join::Named => {
            let named = files
                .iter()
                .map(|file| format!("# {}\n{}", file.path, file.text));
            named.collect::<Vec<_>>().join("\n")
        }
    }
}

/// What programs learn.
fn told(rendered: &Rendered) -> serde_json::Value {
    let files = rendered.files.iter();
    let notes = rendered.notes.iter();
    json!({
        "files": files.map(|file| json!({ "path": file.path, "text": file.text })).collect::<Vec<_>>(),
        "notes": notes.map(|note| json!({ "message": note.message, "help": note.help })).collect::<Vec<_>>(),
    })
}

fn write(path: &Path, text: &str) -> Result<(), NotWritten> {
    let failed = |source| NotWritten {
        path: path.to_owned(),
        source,
    };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    fs::write(path, text).map_err(failed)
}
