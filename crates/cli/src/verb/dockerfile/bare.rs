//! A context without a Dockerfile.

use std::path::Path;

use boatyard_plan::attest::Material;
use boatyard_store::Store;

use super::context::{Context, Kind, entered, fetched, kind};
use crate::stopped::Stopped;

/// The folder or Git repository `word`. Whoever asks writes the Dockerfile.
pub fn open(store: &Store, word: &str, here: &Path) -> Result<Context, Stopped> {
    let mut context = Context {
        folder: here.to_path_buf(),
        text: String::new(),
        shown: String::new(),
        file: None,
        fetched: None,
        scratch: None,
    };
    if kind(word) == Some(Kind::Git) {
        let scratch = store.scratch()?;
        let (folder, commit) = fetched(word, &scratch)?;
        let (url, _) = word.split_once('#').unwrap_or((word, ""));
        context.fetched = commit.map(|commit| Material::commit(url, &commit));
        context.folder = folder;
        context.scratch = Some(scratch);
    } else {
        context.folder = entered(word, here)?;
    }
    Ok(context)
}
