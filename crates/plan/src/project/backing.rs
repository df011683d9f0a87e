//! What the application needs beside it.

use serde::{Deserialize, Serialize};

use super::Resources;

/// How large a volume is that says nothing.
pub(super) const SIZE: &str = "1Gi";

/// What the application needs beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backing {
    /// Its name, which is also its host name: the key of the table.
    pub name: String,
    /// What it is.
    pub kind: BackingKind,
    /// Who runs it on a cluster, and where its data is there.
    #[serde(default)]
    pub cluster: Hosting,
    /// How large its volume is on a cluster, as a quantity of Kubernetes.
    #[serde(default)]
    pub size: Option<String>,
    /// The storage class of its volume; none: the cluster's default.
    #[serde(default)]
    pub class: Option<String>,
    /// What it needs on a cluster.
    #[serde(default)]
    pub resources: Resources,
}

impl Backing {
    /// Whether it is a part of what is deployed.
    pub fn is_deployed(&self) -> bool {
        self.cluster != Hosting::Elsewhere
    }

    /// How large its volume is.
    pub fn size(&self) -> &str {
        self.size.as_deref().unwrap_or(SIZE)
    }
}

/// Who runs a backing service on a cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Hosting {
    /// Somebody else: a Secret says where it is.
    #[default]
    Elsewhere,
    /// It is deployed with the project, its data on a volume that stays.
    Kept,
    /// It is deployed with the project, its data gone with its pod.
    Scratch,
}

impl Hosting {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Elsewhere, Self::Kept, Self::Scratch];

    /// Its name in the file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Elsewhere => "elsewhere",
            Self::Kept => "kept",
            Self::Scratch => "scratch",
        }
    }

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
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
