//! Manifests, rendered or from files.

use std::path::{Path, PathBuf};
use std::{fs, io};

use boatyard_cluster::Manifest;
use boatyard_harden::render::File;
use boatyard_plan::failure::{Failure, Fault};

use crate::stopped::Stopped;

/// Files that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It is not there, or not for us.
    #[error("cannot read the manifests in {}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// There is nothing to deploy in what was named.
    #[error("there is no manifest in {}", shown(paths))]
    Empty {
        /// What was named.
        paths: Vec<PathBuf>,
    },
}

impl Failure for FileError {
    fn fault(&self) -> Fault {
        Fault::User
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Read { .. } => None,
            Self::Empty { .. } => {
                Some("of a folder, files named *.yaml and *.yml are read".to_owned())
            }
        }
    }
}

fn shown(paths: &[PathBuf]) -> String {
    let names: Vec<String> = paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    names.join(", ")
}

/// All manifests of `paths`; of a folder those files that are named `.yaml` or `.yml`, by name. At least one.
pub fn read(paths: &[PathBuf]) -> Result<Vec<Manifest>, Stopped> {
    let mut manifests = Vec::new();
    for path in paths {
        for file in files(path)? {
            let text = fs::read_to_string(&file).map_err(|source| unread(&file, source))?;
            manifests.extend(Manifest::read(&text, &file.display().to_string())?);
        }
    }
    if manifests.is_empty() {
        let paths = paths.to_vec();
        return Err(FileError::Empty { paths }.into());
    }
    Ok(manifests)
}

/// Manifests that were rendered.
pub fn of(files: &[File]) -> Result<Vec<Manifest>, Stopped> {
    let mut manifests = Vec::new();
    for file in files {
        manifests.extend(Manifest::read(&file.text, &file.path)?);
    }
    Ok(manifests)
}

fn files(path: &Path) -> Result<Vec<PathBuf>, FileError> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = fs::read_dir(path).map_err(|source| unread(path, source))?;
    let mut files = Vec::new();
    for entry in entries {
        let file = entry.map_err(|source| unread(path, source))?.path();
        let is_yaml = file
            .extension()
            .is_some_and(|end| end == "yaml" || end == "yml");
        if is_yaml && file.is_file() {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}

fn unread(path: &Path, source: io::Error) -> FileError {
    let path = path.to_owned();
    FileError::Read { path, source }
}
