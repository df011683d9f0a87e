//! Fetching, checking and keeping the indexes of a mirror.
//!
//! ```text
//! CACHE/indexes/<hash of URL and suite>.inrelease    the last InRelease, as signed (checked again whenever it is read)
//! CACHE/indexes/<sha256 of Packages>.packages        the fields of Packages that we need
//! ```

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use sha2::{Digest, Sha256};

use super::catalog::{Catalog, Listing};
use super::http::Http;
use super::index_error::IndexError;
use super::mirror::{Mirror, Source, Trust};
use super::release::{Keys, Release};
use super::report::{Observer, Progress};

/// Fields of `Packages` that are kept; a `Packages` file is three times as long.
const FIELDS: &[&str] = &[
    "Package",
    "Version",
    "Architecture",
    "Essential",
    "Priority",
    "Pre-Depends",
    "Depends",
    "Provides",
    "Conflicts",
    "Breaks",
    "Filename",
    "Size",
    "SHA256",
];

/// No index is larger than this (bytes).
const LIMIT: u64 = 1 << 30;

/// Where and how to look for packages.
#[derive(Clone, Debug)]
pub struct Archive {
    /// The suites.
    pub mirror: Mirror,
    /// Debian's name of the architecture, e.g. `amd64`.
    pub architecture: String,
    /// The folder that indexes and packages are kept in.
    pub cache: PathBuf,
    /// Fetch the indexes again although they are there.
    pub refresh: bool,
    /// Use only what is there.
    pub offline: bool,
    /// Use indexes that have expired.
    pub ignore_valid_until: bool,
}

/// Debian's name of the architecture that this program runs on.
pub fn host_architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "arm" => "armhf",
        "powerpc64" => "ppc64el",
        other => other,
    }
}

/// The indexes of all suites of a mirror.
#[derive(Debug)]
pub struct Indexes {
    /// The packages.
    pub catalog: Catalog,
    /// Changes whenever one of the indexes does: SHA-256 over the suites and their `InRelease`, hexadecimal.
    pub digest: String,
    /// When the newest of them was made.
    pub date: SystemTime,
}

/// Fetches the indexes, or takes those that are kept. `now` is what `Valid-Until` is compared with.
#[expect(
    clippy::missing_panics_doc,
    reason = "only if a thread of ours panicked"
)]
pub fn fetch_indexes(
    archive: &Archive,
    http: &Http,
    now: SystemTime,
    observer: &Observer<'_>,
) -> Result<Indexes, IndexError> {
    let folder = archive.cache.join("indexes");
    fs::create_dir_all(&folder).map_err(|source| IndexError::Cache {
        path: folder.clone(),
        source,
    })?;
    let results: Vec<_> = std::thread::scope(|scope| {
        let suites: Vec<_> = archive
            .mirror
            .sources
            .iter()
            .map(|source| {
                scope.spawn(|| fetch_suite(archive, source, &folder, http, now, observer))
            })
            .collect();
        suites
            .into_iter()
            .map(|suite| suite.join().expect("it does not panic"))
            .collect()
    });
    let mut listings = Vec::new();
    let mut hash = Sha256::new();
    let mut date = SystemTime::UNIX_EPOCH;
    for (source, result) in archive.mirror.sources.iter().zip(results) {
        match result {
            Ok(suite) => {
                hash.update(format!("{} {}\n", source.suite, suite.digest));
                date = date.max(suite.date);
                listings.extend(suite.listings);
            }
            Err(
                IndexError::Fetch {
                    source: super::http::FetchError::Missing { url },
                    ..
                }
                | IndexError::NotKept { url, .. },
            ) if source.optional => {
                observer(Progress::Notice {
                    message: format!("the mirror has no {}: {url}", source.suite),
                    help: None,
                });
            }
            Err(error) => return Err(error),
        }
    }
    Ok(Indexes {
        catalog: Catalog::new(listings),
        digest: hex(&hash.finalize()),
        date,
    })
}

struct Suite {
    listings: Vec<Listing>,
    digest: String,
    date: SystemTime,
}

fn fetch_suite(
    archive: &Archive,
    source: &Source,
    folder: &Path,
    http: &Http,
    now: SystemTime,
    observer: &Observer<'_>,
) -> Result<Suite, IndexError> {
    let base = format!("{}/dists/{}", source.url, source.suite);
    let keys = keys(source)?;
    let check = |bytes: &[u8]| -> Result<Release, IndexError> {
        let wrong = |reason| IndexError::Untrusted {
            url: format!("{base}/InRelease"),
            only: match &source.trust {
                Trust::Debian { .. } => None,
                Trust::Only { file, .. } => Some(file.clone()),
            },
            source: reason,
        };
        let release = Release::verify(bytes, &keys).map_err(wrong)?;
        release
            .check(&source.suite, now, archive.ignore_valid_until)
            .map_err(wrong)?;
        Ok(release)
    };
    let kept = folder.join(format!("{}.inrelease", hex(&Sha256::digest(&base))));
    let (bytes, release) = match fs::read(&kept) {
        Ok(bytes) if archive.offline => {
            let release = check(&bytes)?;
            (bytes, release)
        }
        Ok(bytes) if !archive.refresh && check(&bytes).is_ok() => {
            let release = check(&bytes)?;
            (bytes, release)
        }
        _ if archive.offline => {
            return Err(IndexError::NotKept {
                url: base,
                suite: source.suite.clone(),
            });
        }
        _ => {
            let url = format!("{base}/InRelease");
            let bytes = http
                .read(&url, LIMIT)
                .map_err(|source| IndexError::Fetch { url, source })?;
            let release = check(&bytes)?;
            keep(&kept, &bytes)?;
            (bytes, release)
        }
    };
    if let Some((written, until)) = &release.valid_until
        && *until < now
    {
        observer(Progress::Notice {
            message: format!("using the index of {} although it expired on {written}", source.suite),
            help: Some("security updates may be missing; this was asked for by BOATYARD_IGNORE_VALID_UNTIL".to_owned()),
        });
    }
    let listings = source
        .components
        .iter()
        .map(|component| fetch_listing(archive, source, component, (&base, &release), folder, http))
        .collect::<Result<_, _>>()?;
    Ok(Suite {
        listings,
        digest: hex(&Sha256::digest(&bytes)),
        date: release.date,
    })
}

fn fetch_listing(
    archive: &Archive,
    source: &Source,
    component: &str,
    (base, release): (&str, &Release),
    folder: &Path,
    http: &Http,
) -> Result<Listing, IndexError> {
    let place = format!("{component}/binary-{}", archive.architecture);
    // The smallest first: not every archive has all of them.
    let listed = ["Packages.xz", "Packages.gz", "Packages"]
        .iter()
        .find_map(|name| release.file(&format!("{place}/{name}")))
        .ok_or_else(|| IndexError::NoArchitecture {
            suite: source.suite.clone(),
            component: component.to_owned(),
            architecture: archive.architecture.clone(),
        })?;
    let kept = folder.join(format!("{}.packages", listed.sha256));
    let text = if let Ok(text) = fs::read_to_string(&kept) {
        text
    } else {
        let plain = format!("{base}/{}", listed.path);
        if archive.offline {
            return Err(IndexError::NotKept {
                url: plain,
                suite: source.suite.clone(),
            });
        }
        let url = if release.by_hash {
            format!("{base}/{place}/by-hash/SHA256/{}", listed.sha256)
        } else {
            plain.clone()
        };
        let fetched = match http.read(&url, listed.size_bytes + 1) {
            // A copy of a mirror without by-hash folders.
            Err(super::http::FetchError::Missing { .. }) if url != plain => {
                http.read(&plain, listed.size_bytes + 1)
            }
            other => other,
        };
        let packed = fetched.map_err(|source| IndexError::Fetch {
            url: url.clone(),
            source,
        })?;
        let found = hex(&Sha256::digest(&packed));
        if found != listed.sha256 {
            return Err(IndexError::Altered {
                url,
                wanted: listed.sha256.clone(),
                found,
            });
        }
        let text = unpack(&packed, &listed.path)
            .map_err(|source| IndexError::Malformed { url, source })?;
        keep(&kept, text.as_bytes())?;
        text
    };
    Ok(Listing {
        base: source.url.clone(),
        text,
    })
}

/// Whose signature counts. Debian's built-in keys are in `Keys`; the host's own and the one that its apt names for the
/// mirror come on top.
fn keys(source: &Source) -> Result<Keys, IndexError> {
    match &source.trust {
        Trust::Debian { keyring } => {
            let host = Path::new("/usr/share/keyrings/debian-archive-keyring.gpg");
            let places = [Some(host), keyring.as_deref()].into_iter().flatten();
            let rings: Vec<Vec<u8>> = places.filter_map(|path| fs::read(path).ok()).collect();
            Ok(Keys::new(&rings))
        }
        Trust::Only { file, bytes } => {
            let keys = Keys::only(bytes);
            if keys.is_empty() {
                return Err(IndexError::NoKey { file: file.clone() });
            }
            Ok(keys)
        }
    }
}

/// Unpacks a list of packages, by the end of its name, and keeps the fields that we need.
fn unpack(packed: &[u8], name: &str) -> io::Result<String> {
    let mut whole = String::new();
    let mut plain: Box<dyn Read> = match name.rsplit_once('.') {
        Some((_, "xz")) => Box::new(liblzma::read::XzDecoder::new_multi_decoder(packed)),
        Some((_, "gz")) => Box::new(flate2::read::MultiGzDecoder::new(packed)),
        _ => Box::new(packed),
    };
    plain.by_ref().take(LIMIT).read_to_string(&mut whole)?;
    let mut text = String::with_capacity(whole.len() / 2);
    let mut wanted = false;
    for line in whole.split_inclusive('\n') {
        if !line.starts_with([' ', '\t']) {
            let name = line.split(':').next().unwrap_or_default();
            wanted = line == "\n" || FIELDS.contains(&name);
        }
        if wanted {
            text.push_str(line);
        }
    }
    Ok(text)
}

/// Writes a file whole or not at all.
pub(super) fn keep(path: &Path, bytes: &[u8]) -> Result<(), IndexError> {
    let part = path.with_extension(format!("{}.part", std::process::id()));
    fs::write(&part, bytes)
        .and_then(|()| fs::rename(&part, path))
        .map_err(|source| {
            let _ = fs::remove_file(&part);
            IndexError::Cache {
                path: path.to_owned(),
                source,
            }
        })
}

/// Lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| char::from(DIGITS[usize::from(digit)]))
        .collect()
}
