//! Trees that nobody needs, removed while the work goes on.
//!
//! A step that is done once more (`--no-cache`) makes a tree that is there already, of tens of thousands of files: who waits for
//! its removal waits for nothing.

use std::fs;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;

use crate::disk::{DiskError, During as _};
use crate::scratch::Scratch;

/// Removals that go on. Dropping it waits for them; what a process leaves that does not is swept by the next.
#[derive(Debug, Default)]
pub(crate) struct Rubbish {
    removals: Mutex<Vec<JoinHandle<()>>>,
}

impl Rubbish {
    /// Takes `tree` away at once and removes it by and by. It goes into `scratch`, which is of its file system.
    pub(crate) fn take(&self, tree: &Path, scratch: Scratch) -> Result<(), DiskError> {
        fs::rename(tree, scratch.new_path()).during("move away", tree)?;
        let removals = std::thread::Builder::new().name("rubbish".to_owned());
        // Without a thread it is dropped, and so removed, here.
        if let Ok(removal) = removals.spawn(move || drop(scratch)) {
            let mut all = self.removals.lock().unwrap_or_else(PoisonError::into_inner);
            all.retain(|removal| !removal.is_finished());
            all.push(removal);
        }
        Ok(())
    }
}

impl Drop for Rubbish {
    fn drop(&mut self) {
        let all = self.removals.get_mut();
        for removal in all.unwrap_or_else(PoisonError::into_inner).drain(..) {
            // It removes what it can, and says nothing.
            let _ = removal.join();
        }
    }
}
