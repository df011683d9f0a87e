//! What was done before: one small file per action key.
//!
//! ```text
//! actions/<first two characters>/<key>         {"format":1,"value":...}, written last and synced
//! actions/<first two characters>/<key>.lock    while somebody does the work
//! ```
//! A file that is truncated, garbage or of another format is a miss. Its modification time is when it was last used.

use std::fs::{self, File, TryLockError};
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::disk::{DiskError, During as _};
use crate::failure::StoreError;
use crate::images::to_json;
use crate::store::Store;

/// Raised when old files must not be understood any more.
const FORMAT: u32 = 1;

/// How stale the time of last use may get, so that most hits write nothing.
const USED_STEP: Duration = Duration::from_secs(3600);

#[derive(Serialize, Deserialize)]
struct Recorded<T> {
    format: u32,
    value: T,
}

impl Store {
    /// What was recorded for `key`, here or in a cache that this handle may take from; anything that cannot be read is
    /// a miss.
    pub fn action<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        let found = if self.ledger().has_sources() {
            let here: Option<serde_json::Value> = self.recorded(key);
            let whole = here.filter(|record| self.has_blobs_of(record));
            let found = whole.or_else(|| self.bring_action(key));
            found.and_then(|record| serde_json::from_value(record).ok())
        } else {
            self.recorded(key)
        };
        if found.is_some() {
            self.ledger().uses(key);
        }
        found
    }

    /// What was recorded for `key` here.
    pub(crate) fn recorded<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        let mut file = File::open(self.action_path(key).ok()?).ok()?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).ok()?;
        let recorded: Recorded<T> = serde_json::from_slice(&bytes).ok()?;
        if recorded.format != FORMAT {
            return None;
        }
        let now = SystemTime::now();
        if let Ok(used) = file.metadata().and_then(|metadata| metadata.modified())
            && now.duration_since(used).is_ok_and(|age| age > USED_STEP)
        {
            // Only makes the collector's choice worse if it fails.
            let _ = file.set_modified(now);
        }
        Some(recorded.value)
    }

    /// Records `value` for `key`. The blobs that it names must be in the store before: they are kept as long as the
    /// record is, found by their digests anywhere in the JSON.
    pub fn put_action<T: Serialize>(&self, key: &str, value: &T) -> Result<(), StoreError> {
        let path = self.action_path(key)?;
        self.make_folder(&path)?;
        let recorded = Recorded {
            format: FORMAT,
            value,
        };
        self.replace_file(&path, &to_json(&recorded))?;
        self.ledger().uses(key);
        Ok(())
    }

    /// Forgets what was recorded for `key`.
    pub fn forget_action(&self, key: &str) -> Result<(), StoreError> {
        let path = self.action_path(key)?;
        match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(DiskError::new("remove", &path, error).into())
            }
            _ => Ok(()),
        }
    }

    /// Makes this thread the only one on this machine that works on `key`, until the lock is dropped. Waits for its
    /// turn; ask [`Store::action`] again after that, the work may be done.
    pub fn lock_action(&self, key: &str) -> Result<ActionLock, StoreError> {
        self.lock_action_or(key, || {})
    }

    /// Like [`Store::lock_action`]; calls `on_wait` once if somebody else is at work.
    pub fn lock_action_or(
        &self,
        key: &str,
        on_wait: impl FnOnce(),
    ) -> Result<ActionLock, StoreError> {
        let mut path = self.action_path(key)?.into_os_string();
        path.push(".lock");
        let path = PathBuf::from(path);
        self.make_folder(&path)?;
        let mut on_wait = Some(on_wait);
        loop {
            let file = File::create(&path).during("open", &path)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    if let Some(on_wait) = on_wait.take() {
                        on_wait();
                    }
                    file.lock().during("lock", &path)?;
                }
                Err(TryLockError::Error(error)) => {
                    return Err(DiskError::new("lock", &path, error).into());
                }
            }
            // The one before us has removed the file that we locked, unless the name still leads to it.
            let ours = file.metadata().during("read", &path)?.ino();
            if fs::metadata(&path).is_ok_and(|found| found.ino() == ours) {
                return Ok(ActionLock { path, _file: file });
            }
        }
    }

    fn action_path(&self, key: &str) -> Result<PathBuf, StoreError> {
        check_key(key)?;
        Ok(self.root().join("actions").join(&key[..2]).join(key))
    }

    fn make_folder(&self, path: &Path) -> Result<(), DiskError> {
        let folder = path.parent().unwrap_or(self.root());
        match fs::create_dir(folder) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
                Err(DiskError::new("create folder", folder, error))
            }
            _ => Ok(()),
        }
    }
}

/// Whether `key` can be a file's name.
pub(crate) fn check_key(key: &str) -> Result<(), StoreError> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    let fits = (3..=128).contains(&key.len())
        && key.bytes().all(plain)
        && !key.starts_with('.')
        && Path::new(key).extension().is_none_or(|end| end != "lock");
    if fits {
        Ok(())
    } else {
        Err(StoreError::BadKey {
            key: key.to_owned(),
        })
    }
}

/// The right to work on one action key, until dropped. Ends with the process, however that ends.
#[derive(Debug)]
pub struct ActionLock {
    path: PathBuf,
    _file: File,
}

impl Drop for ActionLock {
    fn drop(&mut self) {
        // Removed while locked, so nobody can hold the lock of a file that is about to vanish.
        let _ = fs::remove_file(&self.path);
    }
}
