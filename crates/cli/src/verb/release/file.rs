//! The file that says how releases are built: a boatyard.toml with `[release]`, or a `.grocker.yml`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use boatyard_plan::diagnostic::Diagnostic;
use boatyard_plan::failure::Fault;
use boatyard_plan::project::{self, Repository};
use boatyard_plan::release::Options;

use super::error::ReleaseWordsError as Error;
use super::grocker;
use crate::diagnose::Mistakes;
use crate::project::FILE;
use crate::stopped::Stopped;

/// What the file `named` says, or the one of the folder `here`: boatyard.toml if it is there for releases, else grocker's;
/// nothing where there is none.
pub fn read(named: Option<&Path>, here: &Path) -> Result<Options, Stopped> {
    if let Some(path) = named {
        let path = here.join(path);
        let text = fs::read_to_string(&path).map_err(|source| Error::Read {
            what: "the options",
            path: path.clone(),
            source,
        })?;
        if has_ending(&path) {
            return of_grocker(&path, here, text);
        }
        let options = of_project(&path, here, text)?;
        return options.ok_or_else(|| Error::NoTable { path }.into());
    }
    let path = here.join(FILE);
    match fs::read_to_string(&path) {
        // What is wrong in the file of a project does not concern releases, unless it is there for them.
        Ok(text) if text.contains("[release]") => {
            Ok(of_project(&path, here, text)?.unwrap_or_default())
        }
        _ => {
            let path = here.join(grocker::FILE);
            match fs::read_to_string(&path) {
                Ok(text) => of_grocker(&path, here, text),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Options::default()),
                Err(source) => Err(Error::Read {
                    what: "the options",
                    path,
                    source,
                }
                .into()),
            }
        }
    }
}

/// Whether a file is YAML, by its name.
fn has_ending(path: &Path) -> bool {
    let ending = path.extension().unwrap_or_default();
    ["yml", "yaml"]
        .iter()
        .any(|yaml| ending.eq_ignore_ascii_case(yaml))
}

fn of_grocker(path: &Path, here: &Path, text: String) -> Result<Options, Stopped> {
    match grocker::parse(&text) {
        Ok(options) => Ok(relocated(options, path)),
        Err(diagnostics) => Err(mistaken(path, here, text, diagnostics)),
    }
}

fn mistaken(path: &Path, here: &Path, text: String, diagnostics: Vec<Diagnostic>) -> Stopped {
    Stopped::Mistaken(Mistakes {
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
    })
}

fn of_project(path: &Path, here: &Path, text: String) -> Result<Option<Options>, Stopped> {
    match project::parse(&text) {
        Ok(project) => Ok(Options::of(&project).map(|options| relocated(options, path))),
        Err(diagnostics) => Err(mistaken(path, here, text, diagnostics)),
    }
}

/// Paths of a file are relative to it.
fn relocated(options: Options, file: &Path) -> Options {
    let folder = file.parent().map(Path::to_path_buf).unwrap_or_default();
    let place = |path: String| folder.join(PathBuf::from(path)).display().to_string();
    let key = |repository: Repository| Repository {
        key: if repository.has_inline_key() {
            repository.key
        } else {
            place(repository.key)
        },
        ..repository
    };
    Options {
        constraints: options.constraints.into_iter().map(place).collect(),
        find_links: options.find_links.into_iter().map(place).collect(),
        pip_conf: options.pip_conf.map(place),
        repositories: options.repositories.into_iter().map(key).collect(),
        ..options
    }
}
