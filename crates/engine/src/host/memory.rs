//! What was found before: trying costs some milliseconds, which a command that has nothing to do would feel.
//!
//! Only the best is remembered, so that whoever mends a setting sees that at once. It is found again after a restart,
//! in another container, or with other rights.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Where and as whom something was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Circumstances {
    /// Of the kernel's present run.
    boot: String,
    /// Differs between containers.
    processes: PathBuf,
    in_user_namespace: bool,
}

impl Circumstances {
    /// Those of this process. None if the kernel does not tell.
    pub(super) fn present(in_user_namespace: bool) -> Option<Self> {
        Some(Self {
            boot: fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?,
            processes: fs::read_link("/proc/self/ns/pid").ok()?,
            in_user_namespace,
        })
    }

    /// Whether everything was permitted under these circumstances, as remembered in a folder.
    pub(super) fn were_best(&self, folder: &Path) -> bool {
        let text = fs::read(file(folder)).unwrap_or_default();
        serde_json::from_slice::<Self>(&text).is_ok_and(|remembered| remembered == *self)
    }

    /// Remembers that everything was permitted. Without success nothing is lost but time.
    pub(super) fn remember_best(&self, folder: &Path) {
        let new = folder.join(format!(".host-{}", std::process::id()));
        let text = serde_json::to_vec(self).expect("plain data");
        let _ = fs::write(&new, text).and_then(|()| fs::rename(&new, file(folder)));
    }
}

fn file(folder: &Path) -> PathBuf {
    folder.join("host.json")
}

#[cfg(test)]
mod tests {
    use super::Circumstances;

    #[test]
    fn the_best_is_remembered_for_its_circumstances() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = Circumstances::present(false).expect("a kernel");
        assert!(!root.were_best(folder.path()));
        root.remember_best(folder.path());
        assert!(root.were_best(folder.path()));
        let user = Circumstances::present(true).expect("a kernel");
        assert!(!user.were_best(folder.path()));
        std::fs::write(folder.path().join("host.json"), "{").expect("written");
        assert!(!root.were_best(folder.path()));
    }
}
