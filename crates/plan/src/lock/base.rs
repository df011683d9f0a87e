//! What names of bases stand for.

use std::collections::BTreeMap;

use crate::digest::Digest;

/// What names of bases stand for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    pub(super) bases: BTreeMap<(String, String), Pin>,
}

/// What one name stands for on one platform.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Base {
    /// As the Dockerfile or the project file writes it, variables filled in.
    pub reference: String,
    /// `os/architecture[/variant]`.
    pub platform: String,
    /// What it stands for.
    pub pin: Pin,
}

/// What a name stands for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pin {
    /// An image, by the digest of its manifest for the platform.
    Image(Digest),
    /// What is made from Debian's packages.
    Packages {
        /// Digest of the package indexes.
        indexes: Digest,
        /// When the newest of them was made, RFC 3339 in UTC.
        date: String,
    },
}

impl Lock {
    /// What a name stands for, if the lock says so.
    pub fn find(&self, reference: &str, platform: &str) -> Option<&Pin> {
        self.bases.get(&(reference.to_owned(), platform.to_owned()))
    }

    /// Lets a name stand for something, whatever it stood for before.
    pub fn insert(&mut self, base: Base) {
        self.bases.insert((base.reference, base.platform), base.pin);
    }

    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.bases.is_empty()
    }
}
