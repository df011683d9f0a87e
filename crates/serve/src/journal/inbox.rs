//! What people have said in comments. The keeper writes down what is said before the forge is told that it was heard, and that it
//! was carried out together with what came of it; beside it, who answers reads and notes what was answered.
//!
//! ```text
//! state 0, heard --carried out--> 1 --answered--> 2        from 0 at once to 2: nothing was carried out, or nothing changed
//! ```

use std::path::Path;
use std::time::Duration;

use boatyard_preview::forge::Command;
use boatyard_preview::time::Time;
use rusqlite::{Connection, Transaction, params};

use super::JournalError;
use super::beside::Beside;
use super::store::json;
use crate::keeper::Done;

/// How long what was said is known: no forge repeats it later than that.
const KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Something that somebody has said and was not answered yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unanswered {
    /// What.
    pub command: Command,
    /// Whether it was carried out.
    pub is_done: bool,
}

/// What people have said. Blocking.
pub struct Inbox(Beside);

impl Inbox {
    /// Opens the journal in `folder`, which is there since the keeper was opened.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub fn open(folder: &Path) -> Result<Self, JournalError> {
        Beside::writing(folder).map(Self)
    }

    /// What was said since then and was not answered, in the order in which it was heard.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn unanswered(&self, since: Time) -> Result<Vec<Unanswered>, JournalError> {
        let read = || {
            let text =
                "SELECT record, state FROM command WHERE state < 2 AND at >= ?1 ORDER BY number";
            let mut query = self.0.connection.prepare_cached(text)?;
            let rows = query.query_map([since.0.cast_signed()], |row| {
                Ok((row.get(0)?, row.get::<_, i64>(1)? == 1))
            })?;
            rows.collect::<rusqlite::Result<Vec<(String, bool)>>>()
        };
        let rows = read().map_err(|source| self.0.refused(source))?;
        let read = |(record, is_done): (String, bool)| {
            let command = serde_json::from_str(&record).ok()?;
            Some(Unanswered { command, is_done })
        };
        Ok(rows.into_iter().filter_map(read).collect())
    }

    /// That was answered.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn answered(&self, command: &Command) -> Result<(), JournalError> {
        let text = "UPDATE command SET state = 2 WHERE key = ?1";
        let written = self.0.connection.execute(text, [command.key()]);
        written.map(|_| ()).map_err(|source| self.0.refused(source))
    }
}

/// Whether that was said and nothing has come of it yet.
pub(super) fn is_open(connection: &Connection, key: &str) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM command WHERE key = ?1 AND state = 0")?
        .exists([key])
}

/// What is said, and what was carried out.
pub(super) fn write(transaction: &Transaction<'_>, done: &Done) -> rusqlite::Result<()> {
    let at = done.at.0.cast_signed();
    for command in &done.commands {
        transaction
            .prepare_cached(
                "INSERT OR IGNORE INTO command (key, at, record, state) VALUES (?1, ?2, ?3, 0)",
            )?
            .execute(params![command.key(), at, json(command)?])?;
    }
    if !done.commands.is_empty() {
        let old = i64::try_from(KEPT.as_millis()).unwrap_or(i64::MAX);
        transaction
            .prepare_cached("DELETE FROM command WHERE at < ?1")?
            .execute([at - old])?;
    }
    for key in &done.obeyed {
        transaction
            .prepare_cached("UPDATE command SET state = 1 WHERE key = ?1")?
            .execute([key])?;
    }
    Ok(())
}
