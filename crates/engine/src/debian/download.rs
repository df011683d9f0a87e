//! Downloading packages: several at once, checked while they are written, whole or not at all.
//!
//! ```text
//! CACHE/packages/<sha256>.deb
//! ```

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use boatyard_plan::failure::{Failure, Fault};
use sha2::{Digest, Sha256};

use super::http::{ELSEWHERE, FetchError, Http};
use super::index::hex;
use super::package::Package;
use super::report::{Observer, Progress};

/// Connections at the same time.
const CONNECTIONS: usize = 8;

/// Why a package cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// It could not be fetched.
    #[error("cannot download the package {package}")]
    Fetch {
        /// Its name and version.
        package: String,
        /// What went wrong.
        #[source]
        source: FetchError,
    },
    /// It is not the file that the index names.
    #[error(
        "the package {package} from {url} is not the one that was signed: its SHA-256 is {found}, expected {wanted}"
    )]
    Altered {
        /// Its name and version.
        package: String,
        /// Its URL.
        url: String,
        /// The digest in the index.
        wanted: String,
        /// The digest of what came.
        found: String,
    },
    /// It is not in the cache, and the network is not to be used.
    #[error("the package {package} was not downloaded before, and the network is not to be used")]
    NotKept {
        /// Its name and version.
        package: String,
    },
    /// It cannot be written.
    #[error("cannot write {}", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

impl Failure for DownloadError {
    fn fault(&self) -> Fault {
        Fault::Refused
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            Self::Fetch {
                source: FetchError::Missing { .. },
                ..
            } => {
                "the mirror has moved on since its index was fetched: refresh the index".to_owned()
            }
            Self::Fetch { source, .. } if source.leads_elsewhere() => ELSEWHERE.to_owned(),
            Self::Fetch { .. } => {
                "look at the network and the proxy settings, or name a mirror that can be reached: base = { debian = \"bookworm\", mirror = \"http://...\" }".to_owned()
            }
            Self::Altered { .. } => {
                "somebody on the way may have changed it: try again, or use another mirror"
                    .to_owned()
            }
            Self::NotKept { .. } => "run once with the network".to_owned(),
            Self::Write { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                "the disk is full: free space, or point BOATYARD_HOME at another disk".to_owned()
            }
            Self::Write { .. } => {
                "make the folder writable, or point BOATYARD_HOME elsewhere".to_owned()
            }
        })
    }
}

/// Where packages are kept, and how to get them.
#[derive(Debug)]
pub struct Downloads<'a> {
    /// The folder of the cache.
    pub cache: &'a Path,
    /// The client.
    pub http: &'a Http,
    /// Use only what is there.
    pub offline: bool,
}

/// Downloads packages that are not in the cache. The paths are in the order of the packages.
#[expect(
    clippy::missing_panics_doc,
    reason = "only if a thread of ours panicked"
)]
pub fn download(
    packages: &[Package],
    downloads: &Downloads<'_>,
    observer: &Observer<'_>,
) -> Result<Vec<PathBuf>, DownloadError> {
    let paths: Mutex<Vec<Option<PathBuf>>> = Mutex::new(vec![None; packages.len()]);
    downloads.each(packages, observer, &|index, path| {
        paths.lock().expect("nothing panics with it")[index] = Some(path);
        true
    })?;
    let paths = paths.into_inner().expect("nothing panics with it");
    Ok(paths.into_iter().flatten().collect())
}

impl Downloads<'_> {
    /// Downloads packages, and tells of each (its place in `packages`, and its file) as soon as it is there. `ready`
    /// is called from several threads, and returns whether to go on.
    #[expect(
        clippy::missing_panics_doc,
        reason = "only if a thread of ours panicked"
    )]
    pub fn each(
        &self,
        packages: &[Package],
        observer: &Observer<'_>,
        ready: &(dyn Fn(usize, PathBuf) -> bool + Sync),
    ) -> Result<(), DownloadError> {
        let folder = self.cache.join("packages");
        fs::create_dir_all(&folder).map_err(|source| DownloadError::Write {
            path: folder.clone(),
            source,
        })?;
        sweep(&folder);
        let path_of = |package: &Package| folder.join(format!("{}.deb", package.sha256));
        let total = packages
            .iter()
            .filter(|package| !path_of(package).exists())
            .map(|package| package.size_bytes)
            .sum();
        // The largest first, so that the last one to be unpacked is small.
        let mut order: Vec<usize> = (0..packages.len()).collect();
        order.sort_by_key(|index| std::cmp::Reverse(packages[*index].size_bytes));
        let queue: Mutex<VecDeque<usize>> = Mutex::new(order.into());
        let failure = Mutex::new(None);
        let stop = AtomicBool::new(false);
        let work = || {
            while !stop.load(Ordering::Relaxed) {
                let Some(index) = queue.lock().expect("nothing panics with it").pop_front() else {
                    return;
                };
                let package = &packages[index];
                let path = path_of(package);
                match self.one(package, &path, &|bytes| {
                    observer(Progress::Downloaded { bytes, total });
                }) {
                    Ok(()) if ready(index, path) => {}
                    Ok(()) => stop.store(true, Ordering::Relaxed),
                    Err(error) => {
                        stop.store(true, Ordering::Relaxed);
                        failure
                            .lock()
                            .expect("nothing panics with it")
                            .get_or_insert(error);
                    }
                }
            }
        };
        let threads = if total == 0 {
            1
        } else {
            CONNECTIONS.min(packages.len())
        };
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(work);
            }
        });
        match failure.into_inner().expect("nothing panics with it") {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    /// Makes sure that one package is there and whole.
    fn one(
        &self,
        package: &Package,
        path: &Path,
        piece: &dyn Fn(u64),
    ) -> Result<(), DownloadError> {
        let named = || format!("{} {}", package.name, package.version);
        if kept(path, package) {
            return Ok(());
        }
        if self.offline {
            return Err(DownloadError::NotKept { package: named() });
        }
        let mut tries = 0;
        loop {
            tries += 1;
            match self.fetch(package, path, piece) {
                Err(DownloadError::Fetch { source, .. }) if source.is_passing() && tries < 4 => {}
                Err(DownloadError::Altered { .. }) if tries < 2 => {}
                result => return result,
            }
        }
    }

    fn fetch(
        &self,
        package: &Package,
        path: &Path,
        piece: &dyn Fn(u64),
    ) -> Result<(), DownloadError> {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let named = || format!("{} {}", package.name, package.version);
        let unfetched = |source| DownloadError::Fetch {
            package: named(),
            source,
        };
        let part = path.with_extension(format!(
            "{}-{}.part",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        ));
        let part = Part { path: part };
        let unwritten = |source| DownloadError::Write {
            path: part.path.clone(),
            source,
        };
        let mut body = self
            .http
            .open(&package.url)
            .map_err(unfetched)?
            .take(package.size_bytes + 1);
        let mut file = File::create(&part.path).map_err(unwritten)?;
        let mut hash = Sha256::new();
        let mut buffer = vec![0; 256 * 1024];
        loop {
            let length = match body.read(&mut buffer) {
                Ok(0) => break,
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(source) => {
                    return Err(unfetched(FetchError::Body {
                        url: package.url.clone(),
                        source,
                    }));
                }
            };
            hash.update(&buffer[..length]);
            file.write_all(&buffer[..length]).map_err(unwritten)?;
            piece(length as u64);
        }
        let found = hex(&hash.finalize());
        if found != package.sha256 {
            return Err(DownloadError::Altered {
                package: named(),
                url: package.url.clone(),
                wanted: package.sha256.clone(),
                found,
            });
        }
        fs::rename(&part.path, path).map_err(unwritten)
    }
}

/// A download that nobody has written to for so long was left by a process that was killed.
const ABANDONED: Duration = Duration::from_secs(3600);

/// Removes what killed processes left. What cannot be removed is in nobody's way.
fn sweep(folder: &Path) {
    for path in fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
    {
        let is_part = path.extension().is_some_and(|end| end == "part");
        let written = || fs::metadata(&path).and_then(|metadata| metadata.modified());
        if is_part && written().is_ok_and(|at| at.elapsed().is_ok_and(|idle| idle > ABANDONED)) {
            let _ = fs::remove_file(&path);
        }
    }
}

/// A file that is being written; removed unless it was given its name.
struct Part {
    path: PathBuf,
}

impl Drop for Part {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Whether a package is in the cache, unaltered.
fn kept(path: &Path, package: &Package) -> bool {
    let Ok(mut file) = File::open(path) else {
        return false;
    };
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 256 * 1024];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return hex(&hash.finalize()) == package.sha256,
            Ok(length) => hash.update(&buffer[..length]),
            Err(_) => return false,
        }
    }
}
