//! What happened, who wanted it and why: each entry has the digest of all before it, so that none can be changed or taken out
//! without the rest telling.

use std::path::Path;

use boatyard_preview::id::Id;
use boatyard_preview::time::Time;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::JournalError;
use super::beside::Beside;
use crate::feed::Change;

/// An entry of the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The number of the change.
    pub number: u64,
    /// When.
    pub at: Time,
    /// Who wanted it.
    pub by: String,
    /// The environment.
    pub id: String,
    /// The phase that it led to; none: the environment is gone.
    pub phase: Option<String>,
    /// Why.
    pub why: String,
}

impl Entry {
    fn of(change: &Change) -> Self {
        let phase = change.environment.as_ref().map(|one| one.phase.name());
        Self {
            number: change.number,
            at: change.at,
            by: change.by.clone(),
            id: change.id.to_string(),
            phase: phase.map(str::to_owned),
            why: change.why.clone(),
        }
    }

    /// The digest of this entry after all those before it.
    fn digest(&self, before: [u8; 32]) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(before);
        hash.update(self.number.to_le_bytes());
        hash.update(self.at.0.to_le_bytes());
        for text in [
            &self.by,
            &self.id,
            self.phase.as_ref().unwrap_or(&String::new()),
            &self.why,
        ] {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text);
        }
        hash.finalize().into()
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<(Self, [u8; 32])> {
        let entry = Self {
            number: row.get::<_, i64>(0)?.cast_unsigned(),
            at: Time(row.get::<_, i64>(1)?.cast_unsigned()),
            by: row.get(2)?,
            id: row.get(3)?,
            phase: row.get(4)?,
            why: row.get(5)?,
        };
        Ok((entry, row.get(6)?))
    }
}

/// Adds what has changed; the digest of the last entry.
pub(super) fn append(
    transaction: &Transaction<'_>,
    mut digest: [u8; 32],
    changes: &[Change],
) -> rusqlite::Result<[u8; 32]> {
    for change in changes {
        let entry = Entry::of(change);
        digest = entry.digest(digest);
        let (number, at) = (entry.number.cast_signed(), entry.at.0.cast_signed());
        transaction
            .prepare_cached("INSERT INTO audit VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?
            .execute(params![
                number,
                at,
                entry.by,
                entry.id,
                entry.phase,
                entry.why,
                digest
            ])?;
    }
    Ok(digest)
}

/// The digest of the last entry; zeros: there is none.
pub(super) fn last_digest(connection: &Connection) -> rusqlite::Result<[u8; 32]> {
    let text = "SELECT digest FROM audit ORDER BY number DESC LIMIT 1";
    let last = connection
        .query_row(text, [], |row| row.get(0))
        .optional()?;
    Ok(last.unwrap_or_default())
}

/// Reads the journal beside the keeper. Blocking.
pub struct Reader(pub(super) Beside);

impl Reader {
    /// Opens the journal in `folder` for reading.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub fn open(folder: &Path) -> Result<Self, JournalError> {
        Beside::reading(folder).map(Self)
    }

    /// Entries before that number, newest first, of one environment or of all.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn audit(
        &self,
        id: Option<&Id>,
        before: u64,
        limit: usize,
    ) -> Result<Vec<Entry>, JournalError> {
        let read = || {
            let text = "SELECT * FROM audit WHERE number < ?1 AND (?2 IS NULL OR id = ?2) ORDER BY number DESC LIMIT ?3";
            let mut query = self.0.connection.prepare_cached(text)?;
            let before = i64::try_from(before).unwrap_or(i64::MAX);
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let rows = query.query_map(params![before, id.map(Id::as_str), limit], Entry::read)?;
            rows.map(|row| row.map(|(entry, _)| entry))
                .collect::<rusqlite::Result<_>>()
        };
        read().map_err(|source| self.0.refused(source))
    }

    /// What somebody else has changed in what is written down of what happened and of who logged in, in words.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn damage(&self) -> Result<Vec<String>, JournalError> {
        let found = [("audit", self.verify()?), ("login", self.verify_logins()?)];
        let damaged = found.into_iter().filter_map(|(table, number)| {
            let number = number?;
            let path = self.0.path();
            Some(format!(
                "{path}: entry {number} of the table {table} does not fit to those before it: somebody else has changed the file"
            ))
        });
        Ok(damaged.collect())
    }

    /// Goes through the whole audit log; the number of the first entry that does not fit to those before it, if any.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn verify(&self) -> Result<Option<u64>, JournalError> {
        let read = || {
            let mut query = self
                .0
                .connection
                .prepare("SELECT * FROM audit ORDER BY number")?;
            let mut digest = [0; 32];
            let mut number = 0;
            for row in query.query_map([], Entry::read)? {
                let (entry, written) = row?;
                digest = entry.digest(digest);
                number += 1;
                if digest != written || entry.number != number {
                    return Ok(Some(entry.number));
                }
            }
            Ok(None)
        };
        read().map_err(|source| self.0.refused(source))
    }
}
