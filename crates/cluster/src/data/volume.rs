//! What is known of a volume that was saved.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// A volume that was saved: a tar called as its claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Volume {
    /// The claim that it was bound to.
    pub claim: String,
    /// How large the tar is.
    pub size_bytes: u64,
    /// Its SHA-256, in hexadecimal digits.
    pub sha256: String,
    /// Which releases of servers have written what is in it, by server.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub releases: BTreeMap<String, String>,
}

impl Volume {
    /// The name of its file.
    pub fn file(&self) -> String {
        file(&self.claim)
    }
}

/// The name of the file of a claim.
pub(super) fn file(claim: &str) -> String {
    format!("{claim}.tar")
}

/// Volumes that were saved, and the folder that their files are in.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The folder.
    pub folder: PathBuf,
    /// All of them.
    pub volumes: Vec<Volume>,
}
