//! What forges were last told: beside the keeper, who does not care.

use std::collections::BTreeMap;
use std::path::Path;

use boatyard_preview::report::State;
use boatyard_preview::revision::{Place, Repository};
use rusqlite::params;
use serde::{Deserialize, Serialize};

use super::JournalError;
use super::beside::Beside;
use super::store::json;

/// What a forge was told about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum About {
    /// A commit.
    Status {
        /// The repository that it is in.
        repository: Repository,
        /// The commit.
        commit: String,
        /// What the status is called on the forge.
        context: String,
    },
    /// A pull request.
    Comment(Place),
    /// Where a commit can be seen.
    Deployment {
        /// What shows it.
        place: Place,
        /// The commit.
        commit: String,
        /// What the forge calls that which shows it.
        environment: String,
    },
}

/// What a forge was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The key of the report.
    pub key: String,
    /// The number that the forge gave it, if that is needed to change it.
    pub number: Option<u64>,
    /// Of a status: what its end is told by.
    pub last: Option<Standing>,
}

/// The status that a commit has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// What showed the commit.
    pub place: Place,
    /// How that was.
    pub state: State,
}

impl About {
    /// The repository.
    pub fn repository(&self) -> &Repository {
        match self {
            Self::Status { repository, .. } => repository,
            Self::Comment(place) | Self::Deployment { place, .. } => &place.repository,
        }
    }
}

/// What forges were last told. Blocking.
pub struct Reported(Beside);

impl Reported {
    /// Opens the journal in `folder`, which is there since the keeper was opened.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub fn open(folder: &Path) -> Result<Self, JournalError> {
        Beside::writing(folder).map(Self)
    }

    /// All that was told.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn all(&self) -> Result<BTreeMap<About, Record>, JournalError> {
        let read = || {
            let mut query = self
                .0
                .connection
                .prepare("SELECT about, record FROM reported")?;
            let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect::<rusqlite::Result<Vec<(String, String)>>>()
        };
        let rows = read().map_err(|source| self.0.refused(source))?;
        // What is not understood is told again, which does no harm.
        let read = |(about, record): (String, String)| {
            let about = serde_json::from_str(&about).ok()?;
            Some((about, serde_json::from_str(&record).ok()?))
        };
        Ok(rows.into_iter().filter_map(read).collect())
    }

    /// That was told; none: that it was is forgotten.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn set(&self, about: &About, record: Option<&Record>) -> Result<(), JournalError> {
        let write = || {
            let about = json(about)?;
            match record {
                Some(record) => self.0.connection.execute(
                    "INSERT OR REPLACE INTO reported VALUES (?1, ?2)",
                    params![about, json(record)?],
                ),
                None => self
                    .0
                    .connection
                    .execute("DELETE FROM reported WHERE about = ?1", params![about]),
            }
        };
        write().map(|_| ()).map_err(|source| self.0.refused(source))
    }
}
