//! Where a project's session keeps its files.

use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use boatyard_plan::digest::Digest;

use super::SessionError;

/// How long, and how often, a session's lock is waited for that is held only for a moment.
const MOMENT: Duration = Duration::from_millis(20);
const MOMENTS: usize = 10;

/// Where a project's session keeps its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    home: PathBuf,
    id: String,
}

impl Place {
    /// The place of the project `name` in `folder` (absolute): two clones of a project do not meet.
    pub fn new(home: &Path, name: &str, folder: &Path) -> Self {
        let digest = Digest::of(folder.as_os_str().as_bytes());
        Self {
            home: home.to_path_buf(),
            id: format!("{name}-{}", digest.short()),
        }
    }

    /// The same for the copy of the project that is called so: letters, digits and `_`.
    #[must_use]
    pub fn of_copy(self, copy: &str) -> Self {
        Self {
            id: format!("{}-{copy}", self.id),
            ..self
        }
    }

    /// All places in `home` in which anything is kept, by name.
    pub fn all(home: &Path) -> Vec<Self> {
        let folders = ["run", "volumes"].map(|folder| home.join(folder).read_dir());
        let entries = folders.into_iter().flatten().flatten().flatten();
        let ids: BTreeSet<String> = entries
            .filter_map(|entry| entry.file_name().into_string().ok())
            .collect();
        let home = home.to_path_buf();
        ids.into_iter()
            .map(|id| Self {
                home: home.clone(),
                id,
            })
            .collect()
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.id
    }

    /// Which copy of its project it is for; none: the only one.
    pub fn copy(&self) -> Option<&str> {
        let is_digest = |part: &str| {
            part.len() == Digest::of(b"").short().len()
                && part.bytes().all(|byte| byte.is_ascii_hexdigit())
        };
        let (before, copy) = self.id.rsplit_once('-')?;
        let (_, digest) = before.rsplit_once('-')?;
        is_digest(digest).then_some(copy)
    }

    /// The session's folder.
    pub fn folder(&self) -> PathBuf {
        self.home.join("run").join(&self.id)
    }

    /// The record of what runs.
    pub fn record(&self) -> PathBuf {
        self.folder().join("session.json")
    }

    /// The log of a process.
    pub fn log(&self, process: &str) -> PathBuf {
        self.folder().join("log").join(process)
    }

    /// The folder of a volume.
    pub fn volume(&self, name: &str) -> PathBuf {
        self.volumes().join(name)
    }

    /// The folder of all volumes.
    pub fn volumes(&self) -> PathBuf {
        self.home.join("volumes").join(&self.id)
    }

    /// Takes the session's lock; it is held as long as the file is open. `None`: somebody has it, and not only for the moment that
    /// it takes to look whether it is held, or to fork.
    pub fn lock(&self) -> Result<Option<File>, SessionError> {
        let path = self.folder().join("lock");
        let failed = |doing: &'static str, path: &Path| {
            let path = path.to_path_buf();
            move |source| SessionError::Io {
                doing,
                path,
                source,
            }
        };
        std::fs::create_dir_all(self.folder()).map_err(failed("make", &self.folder()))?;
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(failed("open", &path))?;
        for _ in 0..MOMENTS {
            match file.try_lock() {
                Ok(()) => return Ok(Some(file)),
                Err(TryLockError::WouldBlock) => sleep(MOMENT),
                Err(TryLockError::Error(source)) => return Err(failed("lock", &path)(source)),
            }
        }
        Ok(None)
    }

    /// Whether a session runs.
    pub fn is_running(&self) -> bool {
        let Ok(file) = File::open(self.folder().join("lock")) else {
            return false;
        };
        let is_held = matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock));
        // Also for a child that is just being made, and has it open too.
        let _ = file.unlock();
        is_held
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_are_told_by_their_names() {
        let home = tempfile::tempdir().unwrap();
        let only = Place::new(home.path(), "my-shop", home.path());
        let copy = only.clone().of_copy("preview_k3v7");
        assert_eq!((only.copy(), copy.copy()), (None, Some("preview_k3v7")));
        assert_ne!(only.volumes(), copy.volumes());
        assert!(Place::all(home.path()).is_empty());
        std::fs::create_dir_all(copy.volume("postgres")).unwrap();
        std::fs::create_dir_all(copy.folder()).unwrap();
        assert_eq!(Place::all(home.path()), [copy]);
    }

    #[test]
    fn a_lock_that_is_held_for_a_moment_is_waited_for() {
        let home = tempfile::tempdir().unwrap();
        let place = Place::new(home.path(), "shop", home.path());
        assert!(!place.is_running());
        let held = place.lock().unwrap().expect("nobody has it");
        assert!(place.is_running());
        assert!(place.lock().unwrap().is_none());
        let later = std::thread::spawn(move || {
            sleep(MOMENT * 2);
            drop(held);
        });
        assert!(place.lock().unwrap().is_some());
        later.join().unwrap();
        assert!(!place.is_running());
    }
}
