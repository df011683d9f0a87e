//! What the application needs beside it.

use serde::{Deserialize, Serialize};

/// What the application needs beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backing {
    /// Its name, which is also its host name: the key of the table.
    pub name: String,
    /// What it is.
    pub kind: BackingKind,
}

/// The backing services that Boatyard knows how to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BackingKind {
    /// `PostgreSQL` from Debian packages.
    Postgres,
    /// Redis from Debian packages.
    Redis,
}

impl BackingKind {
    /// All kinds.
    pub const ALL: [Self; 2] = [Self::Postgres, Self::Redis];

    /// Its name in the file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Redis => "redis",
        }
    }

    /// The kind of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The port it listens on.
    pub fn port(self) -> u16 {
        match self {
            Self::Postgres => 5432,
            Self::Redis => 6379,
        }
    }
}
