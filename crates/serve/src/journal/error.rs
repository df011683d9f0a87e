//! Why something is not written down or cannot be read.

/// Why the journal does not do.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file does not open, or SQLite refuses.
    #[error("the journal {path}: {source}")]
    Sqlite {
        /// The file.
        path: String,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// Somebody else keeps it.
    #[error("another server keeps {path}: stop it first, or name another folder")]
    InUse {
        /// The file.
        path: String,
    },
    /// It is of a later version of this program.
    #[error(
        "the journal {path} is of version {found}, and this program reads up to {known}: use a newer one"
    )]
    Newer {
        /// The file.
        path: String,
        /// Its version.
        found: u32,
        /// The last version that is known.
        known: u32,
    },
    /// A record in it is none.
    #[error("the journal {path} is damaged: {table} {key}: {what}")]
    Damaged {
        /// The file.
        path: String,
        /// Which table.
        table: &'static str,
        /// Which record.
        key: String,
        /// What is wrong with it.
        what: String,
    },
    /// No thread for the keeper.
    #[error("the system gives no thread: {0}")]
    Thread(std::io::Error),
}
