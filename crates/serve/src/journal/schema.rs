//! The tables, and how older files get them.

use std::time::Duration;

use rusqlite::Connection;

use super::JournalError;

/// "byrd" in ASCII: what `file` shows for a journal.
const APPLICATION: u32 = 0x6279_7264;
/// Statements that lead from each version to the next; never changed once released.
const STEPS: [&str; 5] = ["
    CREATE TABLE environment (id TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE place (
        forge TEXT NOT NULL, repository TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL,
        record TEXT, -- NULL: closed
        PRIMARY KEY (forge, repository, kind, subject)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE delivery (id TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE INDEX delivery_at ON delivery (at);
    CREATE TABLE audit (
        number INTEGER PRIMARY KEY, at INTEGER NOT NULL, by TEXT NOT NULL, id TEXT NOT NULL, phase TEXT,
        why TEXT NOT NULL, digest BLOB NOT NULL
    ) STRICT;
    CREATE INDEX audit_id ON audit (id, number);
    CREATE TABLE reported (
        place TEXT NOT NULL, commit_ TEXT NOT NULL, kind TEXT NOT NULL, record TEXT NOT NULL,
        PRIMARY KEY (place, commit_, kind)
    ) STRICT, WITHOUT ROWID;
", "
    -- What was told is told once more, which does no harm: comments are found again.
    DROP TABLE reported;
    CREATE TABLE reported (about TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT, WITHOUT ROWID;
", "
    CREATE TABLE command (
        number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, record TEXT NOT NULL,
        state INTEGER NOT NULL -- 0: heard, 1: carried out, 2: answered
    ) STRICT;
", "
    CREATE TABLE login (
        number INTEGER PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT NULL, how TEXT NOT NULL, from_ TEXT NOT NULL,
        digest BLOB NOT NULL
    ) STRICT;
", "
    ALTER TABLE delivery ADD COLUMN digest TEXT; -- of what was delivered; NULL: nobody knows
"];

/// Prepares a connection that writes.
pub(super) fn prepare(connection: &mut Connection, path: &str) -> Result<(), JournalError> {
    let sqlite = |source| JournalError::Sqlite {
        path: path.to_owned(),
        source,
    };
    // One server keeps it; readers of the same process come and go.
    connection
        .busy_timeout(Duration::from_secs(1))
        .map_err(sqlite)?;
    connection
        .pragma_update(None, "journal_mode", "WAL")
        .map_err(sqlite)?;
    connection
        .pragma_update(None, "synchronous", "FULL")
        .map_err(sqlite)?;
    let found: u32 = connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(sqlite)?;
    let known = u32::try_from(STEPS.len()).unwrap_or(u32::MAX);
    if found > known {
        let path = path.to_owned();
        return Err(JournalError::Newer { path, found, known });
    }
    let transaction = connection.transaction().map_err(sqlite)?;
    for step in STEPS.iter().skip(found as usize) {
        transaction.execute_batch(step).map_err(sqlite)?;
    }
    transaction
        .pragma_update(None, "application_id", APPLICATION)
        .map_err(sqlite)?;
    transaction
        .pragma_update(None, "user_version", known)
        .map_err(sqlite)?;
    transaction.commit().map_err(sqlite)
}
