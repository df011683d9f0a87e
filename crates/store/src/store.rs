//! The store's root folder: making it, opening it, its places.

use std::fs::{self, File};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use crate::cache::Ledger;
use crate::disk::{DiskError, During as _};
use crate::failure::StoreError;
use crate::layer::Whiteouts;
use crate::rubbish::Rubbish;
use crate::scratch::{self, Scratch};
use crate::snapshot::Seen;

/// A store, open. Cheap to clone; clones are the same store.
///
/// While any clone lives, a shared lock on the root keeps [`crate::prune::gc`] of other processes away.
#[derive(Clone, Debug)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    root: PathBuf,
    lock: File,
    leftovers: Vec<DiskError>,
    work: OnceLock<Scratch>,
    boot: OnceLock<String>,
    whiteouts: OnceLock<Whiteouts>,
    snapshots: Seen,
    rubbish: Rubbish,
    ledger: Ledger,
}

const FOLDERS: [&str; 6] = ["blobs", "blobs/sha256", "actions", "snap", "tmp", "pins"];

impl Store {
    /// Opens the store at `root`, makes it if there is none (mode 0700: layers hold what images hold, set-user-id
    /// programs included), and sweeps what killed processes left in `tmp/`.
    ///
    /// Takes well under a millisecond when there is nothing to sweep. Waits while another process collects garbage.
    pub fn open(root: &Path) -> Result<Self, StoreError> {
        let lock_path = root.join("lock");
        let lock = match File::open(&lock_path) {
            Ok(lock) => lock,
            Err(_) => create(root, &lock_path)?,
        };
        lock.lock_shared().during("lock", &lock_path)?;
        let tmp = root.join("tmp");
        scratch::spread(&tmp);
        let leftovers = scratch::sweep(&tmp)?;
        Ok(Self {
            inner: Arc::new(Inner {
                root: root.to_path_buf(),
                lock,
                leftovers,
                work: OnceLock::new(),
                boot: OnceLock::new(),
                whiteouts: OnceLock::new(),
                snapshots: Seen::default(),
                rubbish: Rubbish::default(),
                ledger: Ledger::default(),
            }),
        })
    }

    /// The root folder, as given to [`Store::open`].
    pub fn root(&self) -> &Path {
        &self.inner.root
    }

    /// What killed processes left behind and could not be removed when the store was opened.
    pub fn leftovers(&self) -> &[DiskError] {
        &self.inner.leftovers
    }

    /// A new folder for work in progress, on the same file system as everything else of the store.
    pub fn scratch(&self) -> Result<Scratch, StoreError> {
        Ok(Scratch::create(&self.tmp())?)
    }

    /// The scratch folder in which this handle writes files before it renames them.
    pub(crate) fn work(&self) -> Result<&Scratch, DiskError> {
        if let Some(work) = self.inner.work.get() {
            return Ok(work);
        }
        let made = Scratch::create(&self.tmp())?;
        Ok(self.inner.work.get_or_init(|| made))
    }

    pub(crate) fn tmp(&self) -> PathBuf {
        self.root().join("tmp")
    }

    /// The style of whiteouts in this process's snapshots.
    pub fn whiteouts(&self) -> Whiteouts {
        *self.inner.whiteouts.get_or_init(Whiteouts::of_this_process)
    }

    /// Removes a tree of the store's file system that nobody needs, while the work goes on.
    pub(crate) fn discard(&self, tree: &Path) -> Result<(), StoreError> {
        Ok(self.inner.rubbish.take(tree, self.scratch()?)?)
    }

    /// The snapshots that this handle has seen.
    pub(crate) fn seen(&self) -> &Seen {
        &self.inner.snapshots
    }

    /// What this handle used and made.
    pub(crate) fn ledger(&self) -> &Ledger {
        &self.inner.ledger
    }

    pub(crate) fn lock(&self) -> &File {
        &self.inner.lock
    }

    /// Names the current boot of the kernel. What was written without `fsync` can be trusted until it changes.
    pub(crate) fn boot(&self) -> &str {
        self.inner.boot.get_or_init(|| {
            fs::read_to_string("/proc/sys/kernel/random/boot_id").map_or_else(
                // Without the kernel's word nothing outlives this process.
                |_| format!("{}-{:?}", std::process::id(), std::time::SystemTime::now()),
                |id| id.trim().to_owned(),
            )
        })
    }

    /// Writes `bytes` to `path` so that after a power cut there is the old file or the new one, whole.
    pub(crate) fn replace_file(&self, path: &Path, bytes: &[u8]) -> Result<(), DiskError> {
        use std::io::Write as _;
        let draft = self.work()?.new_path();
        let mut file = File::create(&draft).during("create", &draft)?;
        file.write_all(bytes).during("write", &draft)?;
        file.sync_all().during("write", &draft)?;
        publish(&draft, path)
    }
}

/// Renames a finished file to its place and makes the name durable.
pub(crate) fn publish(draft: &Path, path: &Path) -> Result<(), DiskError> {
    fs::rename(draft, path).during("rename to", path)?;
    if let Some(folder) = path.parent() {
        // A name alone is in the current folder.
        let here = Path::new(".");
        let folder = if folder.as_os_str().is_empty() {
            here
        } else {
            folder
        };
        let folder_file = File::open(folder).during("open", folder)?;
        folder_file.sync_all().during("write", folder)?;
    }
    Ok(())
}

/// Makes the folders and files of an empty store. Safe to run twice at once: every part is left alone if it exists,
/// and the lock file, which marks the store as made, comes last.
fn create(root: &Path, lock_path: &Path) -> Result<File, DiskError> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(root)
        .during("create folder", root)?;
    for folder in FOLDERS {
        let folder = root.join(folder);
        fs::DirBuilder::new()
            .recursive(true)
            .create(&folder)
            .during("create folder", &folder)?;
    }
    for (name, text) in [
        ("oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}"),
        (
            "index.json",
            "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"manifests\":[]}",
        ),
    ] {
        let path = root.join(name);
        if !path.exists() {
            let scratch = Scratch::create(&root.join("tmp"))?;
            let draft = scratch.path().join(name);
            fs::write(&draft, text).during("write", &draft)?;
            File::open(&draft)
                .and_then(|file| file.sync_all())
                .during("write", &draft)?;
            // A link does not replace what a second creator has put there meanwhile.
            match fs::hard_link(&draft, &path) {
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                other => other.during("create", &path)?,
            }
        }
    }
    File::options()
        .create(true)
        .append(true)
        .read(true)
        .open(lock_path)
        .during("create", lock_path)
}
