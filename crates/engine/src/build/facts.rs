//! What has to be known of an image before one of its forms is derived: read through its layers.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use boatyard_init::contract::BINARY;
use boatyard_plan::image::RunConfig;
use boatyard_plan::variant::{self, Facts, Folder};
use boatyard_store::Store;

use super::BuildError;
use crate::account;
use crate::snapshot::{Stack, Tree};

/// What is known of the image with this file system and configuration.
pub(crate) fn facts(store: &Store, tree: &Tree, config: &RunConfig) -> Result<Facts, BuildError> {
    let text = |path: &str| -> Result<String, BuildError> {
        let bytes = tree.read(store, Path::new(path))?.unwrap_or_default();
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    let (passwd, group) = (text("/etc/passwd")?, text("/etc/group")?);
    let account = account::find(&config.user, &passwd, &group);
    let places = variant::places(config);
    let stack = tree.stack(store)?;
    let mut written = Vec::new();
    for (path, what) in places.written {
        let resolved = stack.resolve(Path::new(&path)).map_err(BuildError::Disk)?;
        let Some(found) = stack.look(&resolved).map_err(BuildError::Disk)? else {
            continue;
        };
        if found.metadata.is_dir() {
            written.push(Folder {
                path,
                what,
                mode: found.metadata.mode() & 0o7777,
                uid: found.metadata.uid(),
                gid: found.metadata.gid(),
            });
        }
    }
    let mut leftovers = Vec::new();
    for path in places.leftovers {
        if is_something(&stack, Path::new(&path))? {
            leftovers.push(path);
        }
    }
    Ok(Facts {
        account: account.map(|account| (account.user.uid, account.user.gid)),
        passwd,
        group,
        has_init: tree.exists(store, Path::new(BINARY))?,
        has_ready: false,
        written,
        leftovers,
    })
}

/// Whether there is a folder that is not empty. What is reached by a link belongs elsewhere.
fn is_something(stack: &Stack, path: &Path) -> Result<bool, BuildError> {
    let resolved: PathBuf = stack.resolve(path).map_err(BuildError::Disk)?;
    if resolved != path {
        return Ok(false);
    }
    let is_folder = stack
        .look(path)
        .map_err(BuildError::Disk)?
        .is_some_and(|found| found.metadata.is_dir());
    Ok(is_folder && !stack.list(path).map_err(BuildError::Disk)?.is_empty())
}
