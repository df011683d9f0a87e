//! The file that says how releases are built: a boatyard.toml with `[release]`.

use std::fs;
use std::path::{Path, PathBuf};

use boatyard_plan::failure::Fault;
use boatyard_plan::project;
use boatyard_plan::release::Options;

use super::error::ReleaseWordsError as Error;
use crate::diagnose::Mistakes;
use crate::project::FILE;
use crate::stopped::Stopped;

/// What the file `named` says, or the one of the folder `here`; nothing where there is none.
pub fn read(named: Option<&Path>, here: &Path) -> Result<Options, Stopped> {
    if let Some(path) = named {
        let path = here.join(path);
        let text = fs::read_to_string(&path).map_err(|source| Error::Read {
            what: "the options",
            path: path.clone(),
            source,
        })?;
        let options = of_project(&path, here, text)?;
        return options.ok_or_else(|| Error::NoTable { path }.into());
    }
    let path = here.join(FILE);
    match fs::read_to_string(&path) {
        // What is wrong in the file of a project does not concern releases, unless it is there for them.
        Ok(text) if text.contains("[release]") => {
            Ok(of_project(&path, here, text)?.unwrap_or_default())
        }
        _ => Ok(Options::default()),
    }
}

fn of_project(path: &Path, here: &Path, text: String) -> Result<Option<Options>, Stopped> {
    match project::parse(&text) {
        Ok(project) => Ok(Options::of(&project).map(|options| relocated(options, path))),
        Err(diagnostics) => Err(Stopped::Mistaken(Mistakes {
            file: path
                .strip_prefix(here)
                .unwrap_or(path)
                .display()
                .to_string(),
            text,
            diagnostics,
            fault: Fault::User,
            causes: Vec::new(),
            findings: false,
        })),
    }
}

/// Paths of a file are relative to it.
fn relocated(options: Options, file: &Path) -> Options {
    let folder = file.parent().map(Path::to_path_buf).unwrap_or_default();
    let place = |path: String| folder.join(PathBuf::from(path)).display().to_string();
    Options {
        constraints: options.constraints.into_iter().map(place).collect(),
        find_links: options.find_links.into_iter().map(place).collect(),
        pip_conf: options.pip_conf.map(place),
        ..options
    }
}
