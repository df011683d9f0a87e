//! `boatyard.lock`: read before a build, written after it if asked to.

use std::path::{Path, PathBuf};

use boatyard_plan::failure::{Failure, Fault};
use boatyard_plan::lock::{Base, Lock, LockFileError, Policy};

use crate::args::supply::Supply;

/// The name of the file.
const FILE: &str = "boatyard.lock";

/// The lock cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// It is not there and has to be.
    #[error("there is no {FILE} in {}", folder.display())]
    Missing {
        /// Where it should be.
        folder: PathBuf,
    },
    /// There is no place for one.
    #[error("a context that was fetched has no place for a {FILE}")]
    NoPlace,
    /// It cannot be read or written.
    #[error("cannot {doing} {}", path.display())]
    Io {
        /// What we were doing.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// It is no lock.
    #[error("cannot use {}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: LockFileError,
    },
}

impl Failure for LockError {
    fn fault(&self) -> Fault {
        match self {
            Self::Io { .. } => Fault::Refused,
            _ => Fault::User,
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Missing { .. } => Some("write it with --lock".to_owned()),
            Self::NoPlace => Some("clone the repository, and build in the clone".to_owned()),
            Self::Io { .. } => None,
            Self::Malformed { source, .. } => source.help(),
        }
    }
}

/// What a build keeps to, and what is written when it is done.
pub struct Locked {
    path: PathBuf,
    lock: Lock,
    /// Whether there is such a file.
    is_there: bool,
    words: Supply,
}

impl Locked {
    /// Reads the lock in `folder`, if there is one. `kept` says whether the folder stays after the build.
    pub fn read(folder: &Path, kept: bool, words: &Supply) -> Result<Self, LockError> {
        let path = folder.join(FILE);
        if !kept && (words.lock || words.update_lock) {
            return Err(LockError::NoPlace);
        }
        let text = std::fs::read_to_string(&path);
        let is_there = text.is_ok();
        let lock = match text {
            Ok(text) => match Lock::parse(&text) {
                Ok(lock) => lock,
                Err(_) if words.update_lock => Lock::default(),
                Err(source) => return Err(LockError::Malformed { path, source }),
            },
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && words.locked => {
                let folder = folder.to_path_buf();
                return Err(LockError::Missing { folder });
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Lock::default(),
            Err(source) => {
                let doing = "read";
                return Err(LockError::Io {
                    doing,
                    path,
                    source,
                });
            }
        };
        Ok(Self {
            path,
            lock,
            is_there,
            words: words.clone(),
        })
    }

    /// Whether newer bases are looked for.
    pub fn is_renewed(&self) -> bool {
        self.words.update_lock
    }

    /// What the build keeps to.
    pub fn policy(&self) -> Policy {
        Policy {
            lock: if self.is_renewed() {
                Lock::default()
            } else {
                self.lock.clone()
            },
            strict: self.words.locked,
            loud: self.is_there && !self.words.lock && !self.is_renewed(),
        }
    }

    /// Writes what `bases` stood for, if that is asked for. Names that another build locked stay.
    pub fn keep<'b>(mut self, bases: impl Iterator<Item = &'b Base>) -> Result<(), LockError> {
        if !self.words.lock && !self.is_renewed() {
            return Ok(());
        }
        for base in bases.filter(|base| !base.reference.contains('@')) {
            let known = self.lock.find(&base.reference, &base.platform);
            if known.is_none() || self.is_renewed() {
                self.lock.insert(base.clone());
            }
        }
        let mut draft = self.path.clone().into_os_string();
        draft.push(format!(".{}", std::process::id()));
        let draft = PathBuf::from(draft);
        let written = std::fs::write(&draft, self.lock.to_string())
            .and_then(|()| std::fs::rename(&draft, &self.path));
        if written.is_err() {
            // The first cause is what counts.
            let _ = std::fs::remove_file(&draft);
        }
        written.map_err(|source| LockError::Io {
            doing: "write",
            path: self.path,
            source,
        })
    }
}
