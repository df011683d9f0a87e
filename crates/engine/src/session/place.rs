//! Where a project's session keeps its files.

use std::fs::File;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use boatyard_plan::digest::Digest;

use super::SessionError;

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

    /// Takes the session's lock; it is held as long as the file is open. `None`: somebody has it.
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
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(std::fs::TryLockError::WouldBlock) => Ok(None),
            Err(std::fs::TryLockError::Error(source)) => Err(failed("lock", &path)(source)),
        }
    }

    /// Whether a session runs.
    pub fn is_running(&self) -> bool {
        self.folder().join("lock").exists() && matches!(self.lock(), Ok(None))
    }
}
