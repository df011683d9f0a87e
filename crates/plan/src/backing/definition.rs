//! What one kind of backing service is.

use boatyard_init::contract::Role;

use super::{postgres, redis};
use crate::project::{BackingKind, User};

/// What one kind of backing service is. It runs as `user` and keeps its data in [`DATA`](super::DATA).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// Who runs it. Made before the packages, so that their scripts adopt it and its ids are known.
    pub user: User,
    /// Files that its packages must find when they are configured.
    pub settings: Vec<File>,
    /// Debian packages.
    pub packages: Vec<&'static str>,
    /// Files beside those of the packages.
    pub files: Vec<File>,
    /// How it is run, stopped and asked.
    pub role: Role,
}

/// A file of an image, owned by root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Absolute path.
    pub path: &'static str,
    /// Permissions.
    pub mode: u32,
    /// Its text.
    pub text: &'static str,
    /// One sentence: why it exists.
    pub why: &'static str,
}

/// What a backing service of this kind is.
pub fn definition(kind: BackingKind) -> Definition {
    match kind {
        BackingKind::Postgres => postgres::definition(),
        BackingKind::Redis => redis::definition(),
    }
}
