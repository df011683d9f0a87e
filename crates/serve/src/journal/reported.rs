//! What forges were last told: beside the keeper, who does not care.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use boatyard_preview::revision::Place;
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};

use super::JournalError;
use super::store::{FILE, json};

/// What a forge was told about: a commit of a place, or, without a commit, the place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct About {
    /// The branch or pull request.
    pub place: Place,
    /// The commit; none: all of it, as in a comment.
    pub commit: Option<String>,
}

/// What a forge was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The key of the report.
    pub key: String,
    /// The number that the forge gave it, if that is needed to change it.
    pub number: Option<u64>,
}

/// What forges were last told. Blocking.
pub struct Reported {
    connection: Connection,
    path: String,
}

impl Reported {
    /// Opens the journal in `folder`, which is there since the keeper was opened.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub fn open(folder: &Path) -> Result<Self, JournalError> {
        let file = folder.join(FILE);
        let path = file.display().to_string();
        let open = || {
            let connection = Connection::open(&file)?;
            connection.busy_timeout(Duration::from_secs(10))?;
            Ok(connection)
        };
        match open() {
            Ok(connection) => Ok(Self { connection, path }),
            Err(source) => Err(JournalError::Sqlite { path, source }),
        }
    }

    /// All that was told.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn all(&self) -> Result<BTreeMap<About, Record>, JournalError> {
        let read = || {
            let mut query = self
                .connection
                .prepare("SELECT place, commit_, record FROM reported")?;
            let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            rows.collect::<rusqlite::Result<Vec<(String, String, String)>>>()
        };
        let rows = read().map_err(|source| self.refused(source))?;
        // What is not understood is told again, which does no harm.
        let read = |(place, commit, record): (String, String, String)| {
            let place = serde_json::from_str(&place).ok()?;
            let commit = Some(commit).filter(|commit| !commit.is_empty());
            Some((About { place, commit }, serde_json::from_str(&record).ok()?))
        };
        Ok(rows.into_iter().filter_map(read).collect())
    }

    /// That was told; none: that it was is forgotten.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn set(&self, about: &About, record: Option<&Record>) -> Result<(), JournalError> {
        let kind = if about.commit.is_some() {
            "status"
        } else {
            "comment"
        };
        let commit = about.commit.as_deref().unwrap_or_default();
        let write = || {
            let place = json(&about.place)?;
            match record {
                Some(record) => self.connection.execute(
                    "INSERT OR REPLACE INTO reported VALUES (?1, ?2, ?3, ?4)",
                    params![place, commit, kind, json(record)?],
                ),
                None => self.connection.execute(
                    "DELETE FROM reported WHERE place = ?1 AND commit_ = ?2 AND kind = ?3",
                    params![place, commit, kind],
                ),
            }
        };
        write().map(|_| ()).map_err(|source| self.refused(source))
    }

    fn refused(&self, source: rusqlite::Error) -> JournalError {
        JournalError::Sqlite {
            path: self.path.clone(),
            source,
        }
    }
}
