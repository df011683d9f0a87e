//! A package as an index describes it.

use super::control::Paragraph;
use super::relation::{self, Group, Relation};

/// How much a Debian system needs a package (Debian policy 2.5); the order is that of need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// `required`
    Required,
    /// `important`
    Important,
    /// `standard`
    Standard,
    /// `optional`, and everything else
    Optional,
}

/// A package that can be downloaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// `amd64`, `all`...
    pub architecture: String,
    /// Whether a system cannot do without it.
    pub essential: bool,
    /// How much a system needs it.
    pub priority: Priority,
    /// What has to be configured before it is unpacked.
    pub pre_depends: Vec<Group>,
    /// What has to be unpacked before it is configured.
    pub depends: Vec<Group>,
    /// Names that it stands in for, perhaps with a version (`=`).
    pub provides: Vec<Relation>,
    /// What cannot be on the same system, from `Conflicts` and `Breaks`.
    pub excludes: Vec<Relation>,
    /// Its URL.
    pub url: String,
    /// Its size in bytes.
    pub size_bytes: u64,
    /// The SHA-256 of its file, in lower-case hexadecimal digits.
    pub sha256: String,
}

impl Package {
    /// Reads a paragraph of a `Packages` file whose paths are below `base` (no slash at its end). `None` if a field that
    /// a package needs is missing.
    pub fn read(paragraph: &Paragraph<'_>, base: &str) -> Option<Self> {
        let groups = |field| {
            paragraph
                .get(field)
                .map(relation::parse_field)
                .unwrap_or_default()
        };
        let single = |field| groups(field).into_iter().flatten().collect::<Vec<_>>();
        let mut excludes = single("Conflicts");
        excludes.extend(single("Breaks"));
        Some(Self {
            name: paragraph.get("Package")?.to_owned(),
            version: paragraph.get("Version")?.to_owned(),
            architecture: paragraph.get("Architecture")?.to_owned(),
            essential: paragraph.get("Essential") == Some("yes"),
            priority: match paragraph.get("Priority") {
                Some("required") => Priority::Required,
                Some("important") => Priority::Important,
                Some("standard") => Priority::Standard,
                _ => Priority::Optional,
            },
            pre_depends: groups("Pre-Depends"),
            depends: groups("Depends"),
            provides: single("Provides"),
            excludes,
            url: format!("{base}/{}", paragraph.get("Filename")?),
            size_bytes: paragraph.get("Size")?.parse().ok()?,
            sha256: paragraph.get("SHA256")?.to_owned(),
        })
    }

    /// Whether it is, or stands in for, what a relation asks for.
    pub fn satisfies(&self, relation: &Relation) -> bool {
        relation.met_by(&self.name, &self.version, &self.provides)
    }
}
