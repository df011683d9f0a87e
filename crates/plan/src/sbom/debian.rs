//! Packages of Debian and what is made from it, as dpkg records them.
//!
//! `/var/lib/dpkg/status` holds a paragraph for each package; images without dpkg keep the paragraphs, one in a file,
//! in `/var/lib/dpkg/status.d/`, and without `Status`, since what is there is installed.

use std::collections::BTreeSet;

use super::Package;
use super::field::paragraphs;
use super::purl::purl;

/// What an image is made from, by its `os-release` (os-release(5)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Distribution {
    /// `debian`, `ubuntu`: lower case.
    pub id: String,
    /// `12`, `24.04`; suites that are not released have none.
    pub version: Option<String>,
}

impl Distribution {
    /// Reads an `os-release`. `None` if it has no `ID`.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(bytes);
        let value = |wanted: &str| {
            let mut pairs = text.lines().filter_map(|line| line.trim().split_once('='));
            // The last assignment counts, as in a shell.
            let found = pairs.rfind(|(name, _)| *name == wanted);
            found
                .map(|(_, value)| value.trim_matches(['"', '\'']).to_owned())
                .filter(|value| !value.is_empty())
        };
        Some(Self {
            id: value("ID")?.to_ascii_lowercase(),
            version: value("VERSION_ID"),
        })
    }

    /// `debian-12`, as scanners look it up.
    fn tag(&self) -> String {
        match &self.version {
            Some(version) => format!("{}-{version}", self.id),
            None => self.id.clone(),
        }
    }
}

/// The packages that the status at `place` says are unpacked, configured or not. Those of which only configuration
/// files are left are none.
pub fn packages(bytes: &[u8], place: &str, distribution: Option<&Distribution>) -> Read {
    let text = String::from_utf8_lossy(bytes);
    let mut read = Read::default();
    let namespace = distribution.map_or("debian", |known| known.id.as_str());
    let tag = distribution.map(Distribution::tag).unwrap_or_default();
    for record in paragraphs(&text) {
        let state = record
            .get("Status")
            .and_then(|words| words.split_whitespace().nth(2));
        if matches!(state, Some("not-installed" | "config-files")) {
            continue;
        }
        let (Some(name), Some(version)) = (record.get("Package"), record.get("Version")) else {
            read.damaged += 1;
            continue;
        };
        let qualifiers = [
            ("arch", record.get("Architecture").unwrap_or_default()),
            ("distro", &tag),
            ("upstream", &upstream(record.get("Source"))),
        ];
        read.packages.push(Package {
            purl: purl(
                "deb",
                &[namespace, &name.to_ascii_lowercase()],
                version,
                &qualifiers,
            ),
            name: name.to_owned(),
            version: version.to_owned(),
            licence: None,
            origin: None,
            places: BTreeSet::from([place.to_owned()]),
        });
    }
    read
}

/// What a status says.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// The packages, in the order of the file.
    pub packages: Vec<Package>,
    /// How many paragraphs have no name or no version.
    pub damaged: usize,
}

/// `glibc` or, where its version is another, `glibc@2.36-9`, of `Source: glibc (2.36-9)`: scanners know flaws by the
/// source package. Empty if the source is called as the package.
fn upstream(source: Option<&str>) -> String {
    let Some(source) = source else {
        return String::new();
    };
    match source.split_once('(') {
        Some((name, version)) => {
            let version = version.trim_end().trim_end_matches(')').trim();
            format!("{}@{version}", name.trim())
        }
        None => source.to_owned(),
    }
}
