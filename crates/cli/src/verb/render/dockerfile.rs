//! `boatyard render dockerfile`

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use boatyard_engine::init_binary;
use boatyard_harden::render::dockerfile::{CONTEXT, k8s, project};
use boatyard_harden::render::{File, Rendered};
use boatyard_plan::dockerfile::parse;
use boatyard_plan::failure::{Failure, Fault};
use boatyard_plan::variant::Variant;

use super::output::{self, Join};
use crate::args::render::{Dockerfile, Form};
use crate::diagnose::Mistakes;
use crate::project::{self as file, Named};
use crate::stopped::Stopped;
use crate::voice::Voice;

/// A file was not read or not written.
#[derive(Debug, thiserror::Error)]
#[error("cannot {doing} {}", path.display())]
struct NotDone {
    doing: &'static str,
    path: PathBuf,
    source: io::Error,
}

impl Failure for NotDone {
    fn fault(&self) -> Fault {
        match self.source.kind() {
            io::ErrorKind::NotFound => Fault::User,
            _ => Fault::Refused,
        }
    }
}

/// Makes a Dockerfile, and puts the init beside it that it copies.
pub fn run(named: Named<'_>, words: &Dockerfile, voice: &Voice) -> Result<(), Stopped> {
    let rendered = match &words.file {
        Some(path) => of_file(path, words.variant)?,
        None => project(
            &file::find(named)?.project,
            &words.services,
            variant(words.variant),
        )?,
    };
    if let Some(folder) = &words.output.folder
        && rendered
            .files
            .iter()
            .any(|file| file.text.contains(&format!("--from={CONTEXT}")))
    {
        put_init(folder)?;
    }
    output::give(&rendered, &words.output, Join::Dockerfile, voice)
}

fn variant(form: Form) -> Variant {
    match form {
        Form::Docker => Variant::Docker,
        Form::K8s => Variant::K8s,
    }
}

fn of_file(path: &Path, form: Form) -> Result<Rendered, Stopped> {
    let text = fs::read_to_string(path).map_err(|source| NotDone {
        doing: "read",
        path: path.to_owned(),
        source,
    })?;
    let made = match form {
        Form::K8s => k8s(&text),
        Form::Docker => parse(&text).map(|_| Rendered {
            files: vec![File {
                path: "Dockerfile".to_owned(),
                text: text.clone(),
            }],
            notes: Vec::new(),
        }),
    };
    made.map_err(|diagnostics| {
        Mistakes {
            file: path.display().to_string(),
            text,
            diagnostics,
            fault: Fault::User,
            causes: Vec::new(),
            findings: false,
        }
        .into()
    })
}

fn put_init(folder: &Path) -> Result<(), NotDone> {
    let path = folder.join("boatyard-init");
    let failed = |source| NotDone {
        doing: "write",
        path: path.clone(),
        source,
    };
    fs::create_dir_all(folder).map_err(failed)?;
    fs::write(&path, init_binary::BYTES).map_err(failed)?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).map_err(failed)
}
