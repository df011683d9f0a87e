//! A connection to the journal beside the keeper's.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::JournalError;
use super::store::FILE;

/// How long it waits while another writes.
const PATIENCE: Duration = Duration::from_secs(10);

/// A connection, and the path of the file for what is told of its failures.
pub(super) struct Beside {
    pub(super) connection: Connection,
    path: String,
}

impl Beside {
    /// To read and write the journal in `folder`, which is there since the keeper was opened.
    pub(super) fn writing(folder: &Path) -> Result<Self, JournalError> {
        Self::open(folder, |file| {
            let connection = Connection::open(file)?;
            connection.busy_timeout(PATIENCE)?;
            Ok(connection)
        })
    }

    /// To read it.
    pub(super) fn reading(folder: &Path) -> Result<Self, JournalError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Self::open(folder, |file| Connection::open_with_flags(file, flags))
    }

    fn open(
        folder: &Path,
        open: impl FnOnce(&Path) -> rusqlite::Result<Connection>,
    ) -> Result<Self, JournalError> {
        let file = folder.join(FILE);
        let path = file.display().to_string();
        match open(&file) {
            Ok(connection) => Ok(Self { connection, path }),
            Err(source) => Err(JournalError::Sqlite { path, source }),
        }
    }

    /// The file.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// What SQLite refused, and where.
    pub(super) fn refused(&self, source: rusqlite::Error) -> JournalError {
        JournalError::Sqlite {
            path: self.path.clone(),
            source,
        }
    }
}
