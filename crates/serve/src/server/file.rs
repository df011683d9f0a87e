//! The file of the configuration, looked at now and then.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::time::Duration;

/// How often it is looked at. Twice the same is whole: whoever writes it has done so.
const EVERY: Duration = Duration::from_secs(1);

/// What tells one content from another without reading it: the file, its length, and when it was written.
type Stamp = (u64, u64, i64, i64);

/// The file of the configuration.
pub(super) struct Watched {
    path: Option<PathBuf>,
    /// As it was when it was read.
    read: Option<Stamp>,
}

impl Watched {
    /// That file, which has just been read; none: nothing ever changes.
    pub(super) fn new(path: Option<PathBuf>) -> Self {
        let mut watched = Self { path, read: None };
        watched.is_read();
        watched
    }

    /// It is read as it is now.
    pub(super) fn is_read(&mut self) {
        self.read = self.stamp();
    }

    /// Returns once it is another one; one that is not there is none. Nothing is lost if this is not waited for to its end.
    pub(super) async fn changed(&self) {
        let mut last = self.read;
        loop {
            tokio::time::sleep(EVERY).await;
            let now = self.stamp();
            if now.is_some() && now != self.read && now == last {
                return;
            }
            last = now;
        }
    }

    fn stamp(&self) -> Option<Stamp> {
        let about = fs::metadata(self.path.as_ref()?).ok()?;
        Some((about.ino(), about.len(), about.mtime(), about.mtime_nsec()))
    }
}
