//! Workspaces that are done with: removed beside the steps that follow.

use std::sync::Mutex;
use std::thread::{Builder, JoinHandle};

use crate::snapshot::Workspace;

/// Removes workspaces while other work goes on. Dropped, it waits until they are gone.
#[derive(Default)]
pub(super) struct Aside {
    removals: Mutex<Vec<JoinHandle<()>>>,
}

impl Aside {
    /// Begins to remove a workspace: thousands of files, which nobody has to wait for.
    pub(super) fn remove(&self, workspace: Workspace) {
        // Where no thread can be had, it is removed here, with what the thread would have done.
        let removal = Builder::new().spawn(move || drop(workspace));
        if let (Ok(removal), Ok(mut removals)) = (removal, self.removals.lock()) {
            removals.push(removal);
        }
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        let removals = self.removals.get_mut().map(std::mem::take);
        for removal in removals.unwrap_or_default() {
            // It returns nothing; a panic in it has been told where it was.
            let _ = removal.join();
        }
    }
}
