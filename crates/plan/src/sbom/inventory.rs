//! All packages of an image.

use std::collections::BTreeMap;

use super::Package;
use super::debian::Distribution;

/// All packages of an image, sorted by their purl, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    /// What the image is made from, if it says so.
    pub distribution: Option<Distribution>,
    packages: BTreeMap<String, Package>,
    /// Absolute paths in the image of records that name no package or no version: what they stand for is not listed.
    pub unread: Vec<String>,
}

impl Inventory {
    /// Adds a package, or the places of one that is known.
    pub fn add(&mut self, package: Package) {
        match self.packages.get_mut(&package.purl) {
            Some(known) => known.places.extend(package.places),
            None => {
                self.packages.insert(package.purl.clone(), package);
            }
        }
    }

    /// The packages, sorted by purl.
    pub fn packages(&self) -> impl Iterator<Item = &Package> {
        self.packages.values()
    }
}
