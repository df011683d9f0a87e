//! Data of a cluster, kept aside as tars of its volumes. Whoever brings it knows what they are; here they are kept.

use std::fs;
use std::path::{Path, PathBuf};

use boatyard_store::Store;
use serde_json::Value;

use super::{Held, Saved, SavedError, Saving, failed, put, take};

const TARS: &str = "tars";

/// Keeps aside as `name` what `fill` writes into an empty folder, of at most as many bytes as it is told: how many they are, and
/// what is known of them.
///
/// # Errors
/// If the name is taken, there is no room, or `fill` fails; there is nothing new then.
pub fn save<E: From<SavedError>>(
    store: &Store,
    project: &str,
    name: &str,
    saving: Saving,
    fill: impl FnOnce(&Path, u64) -> Result<(u64, Value), E>,
) -> Result<Saved, E> {
    put(store, project, name, saving, |draft, room| {
        let folder = draft.join(TARS);
        fs::create_dir(&folder).map_err(failed("make", &folder))?;
        let (size_bytes, tars) = fill(&folder, room)?;
        Ok((size_bytes, Some(tars)))
    })
}

/// Tars that are kept aside, which stay there as long as this is held.
pub struct Tars {
    held: Held,
}

/// Those that are kept aside as `name` in `home`.
///
/// # Errors
/// If there is nothing of that name, it is of another project, or of this machine.
pub fn open(home: &Path, project: &str, name: &str) -> Result<Tars, SavedError> {
    let held = take(home, project, name)?;
    if held.saved.tars.is_none() {
        let (name, of, here) = (name.to_owned(), "this machine", "a cluster");
        return Err(SavedError::OtherKind { name, of, here });
    }
    Ok(Tars { held })
}

impl Tars {
    /// What is kept.
    pub fn saved(&self) -> &Saved {
        &self.held.saved
    }

    /// The folder that they are in.
    pub fn folder(&self) -> PathBuf {
        self.held.folder.join(TARS)
    }
}
