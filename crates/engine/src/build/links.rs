//! Folders with wheels and archives that an installer looks into before it asks an index.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use boatyard_plan::digest::Digest;
use boatyard_plan::project::Requirements;

use super::BuildError;
use crate::transfer::of_file;

/// Where a folder is shown to the installer, without its number.
const LINKS_IN_STEP: &str = "/run/boatyard/links";

/// What an installer takes.
const ENDINGS: [&str; 4] = [".whl", ".tar.gz", ".zip", ".tar.bz2"];

/// A folder of packages.
pub(super) struct Links {
    /// Where it is on this machine.
    pub(super) folder: PathBuf,
    /// Where the installer sees it.
    pub(super) shown: String,
    /// What it offers.
    pub(super) files: BTreeMap<String, Digest>,
}

/// The folders that `requirements` name, relative to `context` or absolute, with what they offer.
pub(super) fn read(context: &Path, requirements: &Requirements) -> Result<Vec<Links>, BuildError> {
    let Requirements::Release { find_links, .. } = requirements else {
        return Ok(Vec::new());
    };
    find_links
        .iter()
        .enumerate()
        .map(|(number, folder)| {
            let folder = context.join(folder);
            let files = offered(&folder)?;
            Ok(Links {
                shown: format!("{LINKS_IN_STEP}/{number}"),
                folder,
                files,
            })
        })
        .collect()
}

fn offered(folder: &Path) -> Result<BTreeMap<String, Digest>, BuildError> {
    let failed = |path: &Path| {
        let path = path.to_path_buf();
        move |source| BuildError::Io {
            doing: "read",
            path,
            source,
        }
    };
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).map_err(failed(folder))? {
        let entry = entry.map_err(failed(folder))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = entry.path();
        if ENDINGS.iter().any(|ending| name.ends_with(ending)) && path.is_file() {
            files.insert(name, of_file(&path).map_err(failed(&path))?);
        }
    }
    Ok(files)
}
