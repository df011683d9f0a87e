//! Why something could not be copied.

use std::path::PathBuf;

use boatyard_plan::failure::{Failure, Fault};
use boatyard_store::layer::LayerError;
use boatyard_store::{DiskError, StoreError};

use super::git::GitError;
use crate::debian::{ELSEWHERE, FetchError};

/// Why something could not be copied.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file operation failed.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// The layer could not be written.
    #[error(transparent)]
    Layer(#[from] LayerError),
    /// A source is not there.
    #[error("there is no {path:?} to copy")]
    Missing {
        /// As written.
        path: String,
        /// What is there and looks most alike.
        similar: Option<String>,
        /// Whether the path climbs out of its root and was held there.
        climbs: bool,
    },
    /// A source is, or is behind, a link that leads to nothing.
    #[error("{path:?} cannot be copied: {} is a link to {}, where nothing is", link.display(), target.display())]
    DeadLink {
        /// As written.
        path: String,
        /// The link, relative.
        link: PathBuf,
        /// What is in it.
        target: PathBuf,
    },
    /// A source is there, but `.dockerignore` leaves it out.
    #[error("{path:?} cannot be copied: {} leaves it out", by(*line))]
    Ignored {
        /// As written.
        path: String,
        /// Which line, from 1.
        line: Option<usize>,
    },
    /// A pattern is not well formed.
    #[error("the pattern {pattern:?} is not well formed")]
    BadPattern {
        /// As written.
        pattern: String,
    },
    /// `--chmod` is neither octal nor symbolic.
    #[error("--chmod={text} is not a mode")]
    BadMode {
        /// As written.
        text: String,
    },
    /// `--link` with a name in `--chown`.
    #[error("--chown={name} cannot be looked up together with --link")]
    NameWithLink {
        /// The name.
        name: String,
    },
    /// Links lead to one another.
    #[error("the symbolic links at {path:?} lead in a circle")]
    Loop {
        /// As written, or as found.
        path: String,
    },
    /// A folder is wanted where something else is.
    #[error("{} cannot become a folder: something else is there", path.display())]
    NoFolder {
        /// Where, in the destination.
        path: PathBuf,
    },
    /// A folder is in the way of a file.
    #[error("the folder {} cannot be replaced by a file", path.display())]
    FolderInTheWay {
        /// Where, in the destination.
        path: PathBuf,
    },
    /// A file changed while it was copied.
    #[error("{} changed while it was copied", path.display())]
    Changed {
        /// Which, on the disk.
        path: PathBuf,
    },
    /// A name of an archive leads out of the destination.
    #[error("the archive {archive} has an entry {path:?} that leads out of it")]
    Escapes {
        /// Which archive.
        archive: String,
        /// The name, invalid UTF-8 replaced.
        path: String,
    },
    /// An archive names a device that layers use as a mark.
    #[error("the archive {archive} has {}, which would mark a removal", path.display())]
    Forged {
        /// Which archive.
        archive: String,
        /// The entry.
        path: PathBuf,
    },
    /// A hard link of an archive has nothing to link to.
    #[error("the archive {archive} links {} to {}, which is not in it", path.display(), target.display())]
    Dangling {
        /// Which archive.
        archive: String,
        /// The link.
        path: PathBuf,
        /// What it names.
        target: PathBuf,
    },
    /// An archive could not be read.
    #[error("cannot unpack {archive}")]
    Archive {
        /// Which.
        archive: String,
        /// What is wrong.
        source: LayerError,
    },
    /// A download failed.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// A checksum is none.
    #[error("--checksum={text} is no checksum that we know")]
    BadChecksum {
        /// As written.
        text: String,
    },
    /// Something else came than was promised.
    #[error("{what} is not what --checksum says: it has {found}, not {expected}")]
    WrongChecksum {
        /// The URL.
        what: String,
        /// What was promised.
        expected: String,
        /// What came.
        found: String,
    },
    /// A Git repository could not be had.
    #[error(transparent)]
    Git(#[from] GitError),
}

fn by(line: Option<usize>) -> String {
    line.map_or_else(
        || ".dockerignore".to_owned(),
        |line| format!("line {line} of .dockerignore"),
    )
}

impl Failure for TransferError {
    fn fault(&self) -> Fault {
        match self {
            Self::Store(error) => error.fault(),
            Self::Disk(error) => error.fault(),
            Self::Layer(error) | Self::Archive { source: error, .. } => error.fault(),
            Self::Fetch(error) if error.is_passing() => Fault::Refused,
            Self::Git(error) => error.fault(),
            Self::Changed { .. }
            | Self::Escapes { .. }
            | Self::Forged { .. }
            | Self::Dangling { .. }
            | Self::WrongChecksum { .. } => Fault::Work,
            _ => Fault::User,
        }
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            Self::Store(error) => return error.help(),
            Self::Disk(error) => return error.help(),
            Self::Layer(error) | Self::Archive { source: error, .. } => return error.help(),
            Self::Git(error) => return error.help(),
            Self::Missing {
                climbs: true, ..
            } => "paths begin at the root of the context and cannot leave it with \"..\"; give what is beside it by \
                  --build-context NAME=PATH and COPY --from=NAME"
                .to_owned(),
            Self::Missing {
                similar: Some(similar),
                ..
            } => format!("did you mean {similar:?}?"),
            Self::Missing { .. } => "paths are relative to the context, not to the Dockerfile".to_owned(),
            Self::DeadLink { .. } => "links are followed as if the context were the root; give what is beside it by \
                 --build-context NAME=PATH and COPY --from=NAME".to_owned(),
            Self::Ignored { .. } => "take the line out, or take the path back with a later line \"!PATH\"".to_owned(),
            Self::BadPattern { .. } => "end every [ with a ], and write \\ before a character that means itself".to_owned(),
            Self::BadMode { .. } => "write an octal number up to 7777, or changes as in chmod, such as u=rwX,go=rX".to_owned(),
            Self::NameWithLink { .. } => "write numbers, or leave --link out: nothing is slower without it here".to_owned(),
            Self::Loop { .. } => "let one of them lead to a file or folder".to_owned(),
            Self::NoFolder { .. } | Self::FolderInTheWay { .. } => {
                "copy to another place, or remove what is there in a RUN before".to_owned()
            }
            Self::Changed { .. } => "build again when nothing writes to it".to_owned(),
            Self::Escapes { .. } | Self::Forged { .. } | Self::Dangling { .. } => {
                "do not use this archive unless you know why it holds such an entry".to_owned()
            }
            Self::Fetch(FetchError::Missing { .. }) => "look at the address".to_owned(),
            Self::Fetch(error) if error.leads_elsewhere() => ELSEWHERE.to_owned(),
            Self::Fetch(_) => "look at the address and at the network, and try again".to_owned(),
            Self::BadChecksum { .. } => "write sha256:, sha384: or sha512: and the digits".to_owned(),
            Self::WrongChecksum { .. } => {
                "if it was replaced for a reason that you know, write the new checksum".to_owned()
            }
        })
    }
}
