//! What `ADD` fetches by URL, kept so that it comes once.
//!
//! ```text
//! FOLDER/<digest of the URL>.json     {"digest":"...","etag":"...","modified":1700000000}
//! FOLDER/<digest of the content>      the content
//! ```

use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use boatyard_plan::digest::Digest;
use boatyard_plan::event::{Event, Unit};
use boatyard_store::{DiskError, Store};
use serde::{Deserialize, Serialize};
use sha2::Digest as _;

use super::TransferError;
use super::http_date;
use super::item::Print;
use crate::Sink;
use crate::debian::{Answer, FetchError, Http};

/// How often progress is told.
const STEP: Duration = Duration::from_millis(100);

/// How often a download is tried.
const TRIES: u32 = 3;

/// How things are fetched, and where they are kept.
pub struct Downloads {
    folder: PathBuf,
    http: OnceLock<Http>,
    report: Option<(Sink, String)>,
}

impl Downloads {
    /// Keeps what it fetches in `folder`, which is made when it is needed. The client is this host's, made when it is
    /// needed, too.
    pub fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_path_buf(),
            http: OnceLock::new(),
            report: None,
        }
    }

    /// Uses this client.
    #[must_use]
    pub fn with_client(self, http: Http) -> Self {
        let made = OnceLock::new();
        // Empty a line above.
        let _ = made.set(http);
        Self { http: made, ..self }
    }

    /// Tells progress as that of the work `id`.
    #[must_use]
    pub fn reporting(self, sink: Sink, id: &str) -> Self {
        Self {
            report: Some((sink, id.to_owned())),
            ..self
        }
    }

    /// Where Git repositories are kept.
    pub(super) fn repositories(&self) -> PathBuf {
        self.folder.join("git")
    }

    fn http(&self) -> &Http {
        self.http.get_or_init(Http::of_host)
    }

    fn tell(&self, done: u64, total: Option<u64>, url: &str) {
        if let Some((sink, id)) = &self.report {
            sink(Event::Progress {
                id: id.clone(),
                done,
                total,
                unit: Unit::Bytes,
                note: name(url).to_owned(),
            });
        }
    }
}

/// Something that was fetched.
pub(super) struct Fetched {
    pub(super) at: PathBuf,
    pub(super) print: Print,
    pub(super) digest: Digest,
    /// `Last-Modified`, seconds since 1970; 0 if the server does not say.
    pub(super) modified: i64,
}

#[derive(Serialize, Deserialize)]
struct Record {
    digest: Digest,
    etag: Option<String>,
    modified: i64,
}

/// The name of the file that a URL names: the last of its path, as `BuildKit` has it.
pub(super) fn name(url: &str) -> &str {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    let path = path.split_once("://").map_or(path, |(_, rest)| rest);
    let path = path.split_once('/').map_or("", |(_, path)| path);
    match path.trim_end_matches('/').rsplit('/').next() {
        None | Some("" | "." | "..") => "__unnamed__",
        Some(name) => name,
    }
}

/// Fetches `url`, unless what is kept is still right: by its checksum without asking, else by the server's word.
pub(super) fn get(
    downloads: &Downloads,
    store: &Store,
    url: &str,
    checksum: Option<&str>,
) -> Result<Fetched, TransferError> {
    let wanted = checksum.map(Checksum::parse).transpose()?;
    let folder = &downloads.folder;
    std::fs::create_dir_all(folder)
        .map_err(|error| DiskError::new("create folder", folder, error))?;
    let note = folder.join(format!("{}.json", Digest::of(url.as_bytes()).hex()));
    let known: Option<Record> = std::fs::read(&note)
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .filter(|record: &Record| folder.join(record.digest.hex()).is_file());
    if let (Some(wanted), Some(known)) = (&wanted, &known)
        && let Ok(fetched) = kept(folder, known)
        && wanted.check(url, &fetched.at).is_ok()
    {
        return Ok(fetched);
    }
    let etag = known.as_ref().and_then(|known| known.etag.as_deref());
    let record = match (fetch(downloads, store, url, etag)?, known) {
        (Some(record), _) => record,
        (None, Some(known)) => known,
        (None, None) => {
            return Err(FetchError::Status {
                url: url.to_owned(),
                status: 304,
            }
            .into());
        }
    };
    let fetched = kept(folder, &record)?;
    if let Some(wanted) = wanted {
        wanted.check(url, &fetched.at)?;
    }
    let scratch = store.scratch()?;
    let draft = scratch.new_path();
    let text = serde_json::to_vec(&record).expect("a record is plain data");
    std::fs::write(&draft, text)
        .and_then(|()| std::fs::rename(&draft, &note))
        .map_err(|error| DiskError::new("write", &note, error))?;
    Ok(fetched)
}

fn kept(folder: &Path, record: &Record) -> Result<Fetched, TransferError> {
    let at = folder.join(record.digest.hex());
    let metadata =
        std::fs::symlink_metadata(&at).map_err(|error| DiskError::new("read", &at, error))?;
    Ok(Fetched {
        print: Print::of(&metadata),
        digest: record.digest.clone(),
        modified: record.modified,
        at,
    })
}

/// Fetches `url` into the folder; `None` if the server still has `etag`.
fn fetch(
    downloads: &Downloads,
    store: &Store,
    url: &str,
    etag: Option<&str>,
) -> Result<Option<Record>, TransferError> {
    let mut tries = 0;
    loop {
        tries += 1;
        let fetched = downloads
            .http()
            .ask(url, etag)
            .map_err(TransferError::Fetch)
            .and_then(|answer| receive(downloads, store, url, answer));
        match fetched {
            Err(TransferError::Fetch(error)) if error.is_passing() && tries < TRIES => {}
            other => return other,
        }
    }
}

fn receive(
    downloads: &Downloads,
    store: &Store,
    url: &str,
    mut answer: Answer,
) -> Result<Option<Record>, TransferError> {
    if answer.is_same {
        return Ok(None);
    }
    let scratch = store.scratch()?;
    let draft = scratch.new_path();
    let failed = |error| DiskError::new("write", &draft, error);
    let mut file = std::fs::File::create_new(&draft).map_err(failed)?;
    let mut hasher = sha2::Sha256::new();
    let mut buffer = vec![0; 128 * 1024];
    let (mut done, mut told) = (0_u64, Instant::now());
    loop {
        let count = answer
            .body
            .read(&mut buffer)
            .map_err(|source| FetchError::Body {
                url: url.to_owned(),
                source,
            })?;
        if count == 0 {
            break;
        }
        hasher.update(&buffer[..count]);
        file.write_all(&buffer[..count]).map_err(failed)?;
        done += count as u64;
        if told.elapsed() >= STEP {
            downloads.tell(done, answer.size, url);
            told = Instant::now();
        }
    }
    downloads.tell(done, answer.size, url);
    file.sync_all().map_err(failed)?;
    let digest = Digest::from_hash(&hasher.finalize());
    let place = downloads.folder.join(digest.hex());
    std::fs::rename(&draft, &place).map_err(|error| DiskError::new("rename to", &place, error))?;
    Ok(Some(Record {
        digest,
        etag: answer.etag,
        modified: answer
            .modified
            .and_then(|text| http_date::parse(&text))
            .unwrap_or(0),
    }))
}

/// What `--checksum` promises.
struct Checksum<'a> {
    algorithm: Algorithm,
    hex: &'a str,
}

#[derive(Clone, Copy)]
enum Algorithm {
    Sha256,
    Sha384,
    Sha512,
}

impl<'a> Checksum<'a> {
    fn parse(text: &'a str) -> Result<Self, TransferError> {
        let bad = || TransferError::BadChecksum {
            text: text.to_owned(),
        };
        let (algorithm, hex) = text.split_once(':').ok_or_else(bad)?;
        let (algorithm, digits) = match algorithm {
            "sha256" => (Algorithm::Sha256, 64),
            "sha384" => (Algorithm::Sha384, 96),
            "sha512" => (Algorithm::Sha512, 128),
            _ => return Err(bad()),
        };
        let is_hex = hex
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if hex.len() != digits || !is_hex {
            return Err(bad());
        }
        Ok(Self { algorithm, hex })
    }

    fn check(&self, url: &str, at: &Path) -> Result<(), TransferError> {
        let found = match self.algorithm {
            Algorithm::Sha256 => hash::<sha2::Sha256>(at),
            Algorithm::Sha384 => hash::<sha2::Sha384>(at),
            Algorithm::Sha512 => hash::<sha2::Sha512>(at),
        }
        .map_err(|error| DiskError::new("read", at, error))?;
        if found == self.hex {
            Ok(())
        } else {
            Err(TransferError::WrongChecksum {
                what: url.to_owned(),
                expected: self.hex.to_owned(),
                found,
            })
        }
    }
}

fn hash<D: sha2::Digest>(at: &Path) -> std::io::Result<String> {
    use std::fmt::Write as _;
    let mut file = std::fs::File::open(at)?;
    let mut hasher = D::new();
    let mut buffer = vec![0; 128 * 1024];
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            count => hasher.update(&buffer[..count]),
        }
    }
    let mut hex = String::new();
    for byte in hasher.finalize().as_slice() {
        let _ = write!(hex, "{byte:02x}");
    }
    Ok(hex)
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn files_are_called_as_the_path_of_the_url_ends() {
        for (url, expected) in [
            ("https://example.com/a/b.tar.gz", "b.tar.gz"),
            ("https://example.com/a/b.tar.gz?x=/y#z/w", "b.tar.gz"),
            ("https://example.com/a/", "a"),
            ("https://example.com/", "__unnamed__"),
            ("https://example.com", "__unnamed__"),
            ("https://example.com/..", "__unnamed__"),
        ] {
            assert_eq!(name(url), expected, "{url}");
        }
    }
}
