//! A package of an image.

use std::collections::BTreeSet;

use super::{Licence, Origin};

/// A package of an image. Its [`purl`](Self::purl) says which: two with the same one are one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// `pkg:deb/debian/libc6@2.36-9?arch=amd64`, `pkg:pypi/requests@2.32.3`.
    pub purl: String,
    /// As its database writes it.
    pub name: String,
    /// As its database writes it.
    pub version: String,
    /// What it says of its licence; databases of Debian say nothing.
    pub licence: Option<Licence>,
    /// Where it was installed from, if that was no index and the package says so.
    pub origin: Option<Origin>,
    /// What says that it is there: absolute paths in the image.
    pub places: BTreeSet<String>,
}

impl Package {
    /// The package manager: `deb`, `pypi`.
    pub fn kind(&self) -> &str {
        let rest = self.purl.strip_prefix("pkg:").unwrap_or(&self.purl);
        rest.split('/').next().unwrap_or(rest)
    }
}
