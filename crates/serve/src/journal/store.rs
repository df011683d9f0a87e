//! Writing down, and reading it back at the start.

use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::Duration;

use boatyard_preview::environment::Environment;
use boatyard_preview::id::Id;
use boatyard_preview::news::About;
use boatyard_preview::revision::{Place, Repository, Subject};
use boatyard_preview::time::Time;
use boatyard_preview::wanted::Head;
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use super::{JournalError, audit, inbox, schema};
use crate::keeper::{Done, Known};

/// The name of the file in its folder.
pub(super) const FILE: &str = "journal.sqlite";
/// How long deliveries are known: no forge repeats one later than that.
const DELIVERIES: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// How long, and how often, the lock is waited for.
const MOMENT: Duration = Duration::from_millis(20);
const MOMENTS: usize = 50;

/// What is written down.
pub struct Journal {
    connection: Connection,
    path: String,
    /// The digest of the last entry of the audit log.
    digest: [u8; 32],
    /// Held as long as we keep it.
    _lock: File,
}

/// The last change that was written down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Last {
    /// Its number; 0: there is none.
    pub number: u64,
    /// When it was.
    pub at: Time,
}

impl Journal {
    /// Opens the journal in `folder`, or makes one.
    ///
    /// # Errors
    /// If somebody else keeps it, it is of a later version, or cannot be opened.
    pub fn open(folder: &Path) -> Result<Self, JournalError> {
        let file = folder.join(FILE);
        let path = file.display().to_string();
        let opens = |source: std::io::Error| {
            let source = rusqlite::Error::ToSqlConversionFailure(Box::new(source));
            JournalError::Sqlite {
                path: path.clone(),
                source,
            }
        };
        std::fs::create_dir_all(folder).map_err(opens)?;
        let lock = File::create(folder.join("lock")).map_err(opens)?;
        if !take(&lock).map_err(opens)? {
            return Err(JournalError::InUse { path });
        }
        let mut connection = Connection::open(&file).map_err(|source| JournalError::Sqlite {
            path: path.clone(),
            source,
        })?;
        schema::prepare(&mut connection, &path)?;
        let digest = audit::last_digest(&connection).map_err(|source| JournalError::Sqlite {
            path: path.clone(),
            source,
        })?;
        Ok(Self {
            connection,
            path,
            digest,
            _lock: lock,
        })
    }

    /// All that is known, without a policy, and the last change.
    ///
    /// # Errors
    /// If it cannot be read, or a record is none.
    pub fn load(&mut self) -> Result<(Known, Last), JournalError> {
        let mut known = Known::default();
        let environments = self.rows("SELECT id, record FROM environment")?;
        for [id, record] in environments {
            let environment: Environment = self.record("environment", &id, &record)?;
            known.inventory.set(environment);
        }
        // What is closed and of which nothing is left need not be known any more.
        let places: BTreeSet<Place> = known
            .inventory
            .all()
            .map(|one| one.revision.place.clone())
            .collect();
        let text = "SELECT json_array(forge, repository, kind, subject), coalesce(record, 'null') FROM place";
        for [key, record] in self.rows(text)? {
            let place = self.place(&key)?;
            let says: Option<(Head, About)> = self.record("place", &key, &record)?;
            if says.is_some() || places.contains(&place) {
                known.set_place(&place, says);
            }
        }
        let last = self
            .connection
            .query_row(
                "SELECT number, at FROM audit ORDER BY number DESC LIMIT 1",
                [],
                |row| {
                    Ok(Last {
                        number: row.get::<_, i64>(0)?.cast_unsigned(),
                        at: Time(row.get::<_, i64>(1)?.cast_unsigned()),
                    })
                },
            )
            .optional()
            .map_err(|source| self.refused(source))?;
        Ok((known, last.unwrap_or_default()))
    }

    /// The digest of what was heard under that number of a delivery, empty if nobody knows; none: nothing was.
    pub fn delivery(&self, delivery: &str) -> Option<String> {
        let text = "SELECT coalesce(digest, '') FROM delivery WHERE id = ?1";
        let query = self.connection.prepare_cached(text);
        query
            .and_then(|mut query| query.query_row([delivery], |row| row.get(0)))
            .ok()
    }

    /// Whether that was said in a comment, and nothing has come of it yet.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn is_open(&self, command: &str) -> Result<bool, JournalError> {
        inbox::is_open(&self.connection, command).map_err(|source| self.refused(source))
    }

    /// Writes all of it down, or nothing; it is on the disk when this returns.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(crate) fn write(&mut self, done: &Done) -> Result<(), JournalError> {
        if done.is_empty() {
            return Ok(());
        }
        let digest = self
            .write_all(done)
            .map_err(|source| self.refused(source))?;
        self.digest = digest;
        Ok(())
    }

    fn write_all(&mut self, done: &Done) -> rusqlite::Result<[u8; 32]> {
        let start = self.digest;
        let transaction = self.connection.transaction()?;
        for (id, environment) in &done.environments {
            write_environment(&transaction, id, environment.as_deref())?;
        }
        for (place, says) in &done.places {
            let [kind, subject] = subject(&place.subject);
            let record = says.as_ref().map(json).transpose()?;
            transaction
                .prepare_cached("INSERT OR REPLACE INTO place VALUES (?1, ?2, ?3, ?4, ?5)")?
                .execute(params![
                    place.repository.forge,
                    place.repository.name,
                    kind,
                    subject,
                    record
                ])?;
        }
        let at = done.at.0.cast_signed();
        for (delivery, digest) in &done.deliveries {
            transaction
                .prepare_cached(
                    "INSERT OR IGNORE INTO delivery (id, at, digest) VALUES (?1, ?2, ?3)",
                )?
                .execute(params![delivery, at, digest])?;
        }
        if !done.deliveries.is_empty() {
            let old = i64::try_from(DELIVERIES.as_millis()).unwrap_or(i64::MAX);
            transaction
                .prepare_cached("DELETE FROM delivery WHERE at < ?1")?
                .execute([at - old])?;
        }
        inbox::write(&transaction, done)?;
        let digest = audit::append(&transaction, start, &done.changes)?;
        transaction.commit()?;
        Ok(digest)
    }

    /// All of these statements, or none.
    pub(super) fn execute(&mut self, statements: &str) -> Result<(), JournalError> {
        let mut all = || {
            let transaction = self.connection.transaction()?;
            transaction.execute_batch(statements)?;
            transaction.commit()
        };
        all().map_err(|source| JournalError::Sqlite {
            path: self.path.clone(),
            source,
        })
    }

    fn rows(&self, text: &str) -> Result<Vec<[String; 2]>, JournalError> {
        let read = || {
            let mut query = self.connection.prepare(text)?;
            let rows = query.query_map([], |row| Ok([row.get(0)?, row.get(1)?]))?;
            rows.collect::<rusqlite::Result<_>>()
        };
        read().map_err(|source| self.refused(source))
    }

    fn record<T: serde::de::DeserializeOwned>(
        &self,
        table: &'static str,
        key: &str,
        record: &str,
    ) -> Result<T, JournalError> {
        serde_json::from_str(record).map_err(|error| {
            let (path, key, what) = (self.path.clone(), key.to_owned(), error.to_string());
            JournalError::Damaged {
                path,
                table,
                key,
                what,
            }
        })
    }

    fn place(&self, key: &str) -> Result<Place, JournalError> {
        let [forge, name, kind, subject]: [String; 4] = self.record("place", key, key)?;
        let subject = match kind.as_str() {
            "branch" => Subject::Branch(subject),
            _ => Subject::PullRequest(self.record("place", key, &subject)?),
        };
        Ok(Place {
            repository: Repository { forge, name },
            subject,
        })
    }

    fn refused(&self, source: rusqlite::Error) -> JournalError {
        JournalError::Sqlite {
            path: self.path.clone(),
            source,
        }
    }
}

/// Takes a lock; false: somebody has it, and not only for the moment in which he ends, or makes a child that has it open, too.
fn take(lock: &File) -> std::io::Result<bool> {
    for _ in 0..MOMENTS {
        match lock.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::WouldBlock) => std::thread::sleep(MOMENT),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Ok(false)
}

fn write_environment(
    transaction: &Transaction<'_>,
    id: &Id,
    environment: Option<&Environment>,
) -> rusqlite::Result<()> {
    match environment {
        Some(environment) => transaction
            .prepare_cached("INSERT OR REPLACE INTO environment VALUES (?1, ?2)")?
            .execute(params![id.as_str(), json(environment)?])?,
        None => transaction
            .prepare_cached("DELETE FROM environment WHERE id = ?1")?
            .execute([id.as_str()])?,
    };
    Ok(())
}

/// What a subject is, and which.
fn subject(subject: &Subject) -> [String; 2] {
    match subject {
        Subject::Branch(name) => ["branch".to_owned(), name.clone()],
        Subject::PullRequest(number) => ["pull-request".to_owned(), number.to_string()],
    }
}

/// A record, as it is written down.
pub(super) fn json<T: serde::Serialize>(value: &T) -> rusqlite::Result<String> {
    serde_json::to_string(value)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}
