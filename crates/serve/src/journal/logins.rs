//! Who has logged in, and who was refused: beside the audit log of environments, and as it. Each entry has the digest of all before
//! it, so that none can be changed or taken out without the rest telling. What somebody logged in with is in none.

use std::path::Path;

use boatyard_preview::time::Time;
use rusqlite::{OptionalExtension as _, Row, TransactionBehavior, params};
use sha2::{Digest as _, Sha256};

use super::beside::Beside;
use super::{JournalError, Reader};

/// Somebody who came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// Its number, from 1.
    pub number: u64,
    /// When.
    pub at: Time,
    /// Who, as in the audit log.
    pub who: String,
    /// How, and what came of it.
    pub how: String,
    /// From which address.
    pub from: String,
}

impl Login {
    fn digest(&self, before: [u8; 32]) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(before);
        hash.update(self.number.to_le_bytes());
        hash.update(self.at.0.to_le_bytes());
        for text in [&self.who, &self.how, &self.from] {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text);
        }
        hash.finalize().into()
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<(Self, [u8; 32])> {
        let login = Self {
            number: row.get::<_, i64>(0)?.cast_unsigned(),
            at: Time(row.get::<_, i64>(1)?.cast_unsigned()),
            who: row.get(2)?,
            how: row.get(3)?,
            from: row.get(4)?,
        };
        Ok((login, row.get(5)?))
    }
}

/// Writes down who comes. Blocking.
pub struct Logins(Beside);

impl Logins {
    /// Opens the journal in `folder`, which is there since the keeper was opened.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub fn open(folder: &Path) -> Result<Self, JournalError> {
        Beside::writing(folder).map(Self)
    }

    /// Writes it down; it is on the disk when this returns.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn note(&mut self, at: Time, [who, how, from]: [&str; 3]) -> Result<(), JournalError> {
        let mut write = || {
            let connection = &mut self.0.connection;
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let text = "SELECT number, digest FROM login ORDER BY number DESC LIMIT 1";
            let last: Option<(i64, [u8; 32])> = transaction
                .query_row(text, [], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            let (number, before) = last.unwrap_or_default();
            let login = Login {
                number: (number + 1).cast_unsigned(),
                at,
                who: who.to_owned(),
                how: how.to_owned(),
                from: from.to_owned(),
            };
            transaction.execute(
                "INSERT INTO login VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![
                    number + 1,
                    at.0.cast_signed(),
                    who,
                    how,
                    from,
                    login.digest(before)
                ],
            )?;
            transaction.commit()
        };
        write().map_err(|source| self.0.refused(source))
    }
}

impl Reader {
    /// Who came last, newest first.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn logins(&self, limit: usize) -> Result<Vec<Login>, JournalError> {
        let read = || {
            let text = "SELECT * FROM login ORDER BY number DESC LIMIT ?1";
            let mut query = self.0.connection.prepare_cached(text)?;
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let rows = query.query_map([limit], Login::read)?;
            rows.map(|row| row.map(|(login, _)| login))
                .collect::<rusqlite::Result<_>>()
        };
        read().map_err(|source| self.0.refused(source))
    }

    /// The number of the first login that does not fit to those before it, if any.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn verify_logins(&self) -> Result<Option<u64>, JournalError> {
        let read = || {
            let mut query = self
                .0
                .connection
                .prepare("SELECT * FROM login ORDER BY number")?;
            let (mut digest, mut number) = ([0; 32], 0);
            for row in query.query_map([], Login::read)? {
                let (login, written) = row?;
                digest = login.digest(digest);
                number += 1;
                if digest != written || login.number != number {
                    return Ok(Some(login.number));
                }
            }
            Ok(None)
        };
        read().map_err(|source| self.0.refused(source))
    }
}
