//! Where packages come from: the mirror that was given, else the one of the host's apt, else the public one.

use std::path::PathBuf;

use super::apt::AptSource;

/// The public archive.
const PUBLIC: &str = "http://deb.debian.org/debian";

/// A release of Debian by its code name, e.g. `bookworm`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Suite(String);

impl Suite {
    /// Takes a code name. `None` if it is none: letters only.
    pub fn new(name: &str) -> Option<Self> {
        let valid = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase());
        valid.then(|| Self(name.to_owned()))
    }

    /// The code name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One suite of one archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The archive's URL without a slash at its end: `http`, `https` or `file`.
    pub url: String,
    /// The suite's folder below `dists/`, e.g. `bookworm-updates`.
    pub suite: String,
    /// Its components, e.g. `main`.
    pub components: Vec<String>,
    /// Whose signature counts.
    pub trust: Trust,
    /// Whether it may be missing. A private mirror often lacks `-updates` and `-security`.
    pub optional: bool,
}

/// Whose signature on a suite counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// That of Debian: the built-in keys, the host's keyring of Debian, and one that its apt names.
    Debian {
        /// What apt names.
        keyring: Option<PathBuf>,
    },
    /// That of the keys of one file, armoured or not, and no other.
    Only {
        /// The file, for messages.
        file: String,
        /// Its bytes.
        bytes: Vec<u8>,
    },
}

/// The suites that packages of one release come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mirror {
    /// The release itself first, then its updates, then its security updates.
    pub sources: Vec<Source>,
}

impl Mirror {
    /// Chooses: what the user gave, else what the host's apt uses for Debian (whatever release that is), else the public
    /// archive.
    pub fn choose(suite: &Suite, given: Option<&str>, apt: &[AptSource]) -> Self {
        if let Some(given) = given {
            let url = given.trim_end_matches('/').to_owned();
            let security = format!("{url}-security");
            return Self::of(suite, &Place::plain(url), &Place::plain(security), true);
        }
        let find = |security: bool| {
            apt.iter()
                .find(|source| source.is_debian() && source.is_security() == security)
                .map(|source| Place {
                    url: source.url.trim_end_matches('/').to_owned(),
                    keyring: source.keyring.clone(),
                })
        };
        let Some(main) = find(false) else {
            let security = Place::plain(format!("{PUBLIC}-security"));
            return Self::of(suite, &Place::plain(PUBLIC.to_owned()), &security, false);
        };
        let public = main.url == PUBLIC;
        let security = find(true).unwrap_or_else(|| Place {
            url: format!("{}-security", main.url),
            keyring: main.keyring.clone(),
        });
        Self::of(suite, &main, &security, !public)
    }

    fn of(suite: &Suite, main: &Place, security: &Place, private: bool) -> Self {
        let source = |place: &Place, tail: &str, optional| Source {
            url: place.url.clone(),
            suite: format!("{}{tail}", suite.as_str()),
            components: vec!["main".to_owned()],
            trust: Trust::Debian {
                keyring: place.keyring.clone(),
            },
            optional,
        };
        Self {
            sources: vec![
                source(main, "", false),
                source(main, "-updates", private),
                source(security, "-security", private),
            ],
        }
    }
}

struct Place {
    url: String,
    keyring: Option<PathBuf>,
}

impl Place {
    fn plain(url: String) -> Self {
        Self { url, keyring: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::debian::apt;

    fn chosen(given: Option<&str>, sources: &str) -> Vec<String> {
        let suite = Suite::new("trixie").expect("a code name");
        Mirror::choose(&suite, given, &apt::parse_deb822(sources))
            .sources
            .iter()
            .map(|source| {
                let optional = if source.optional { "?" } else { "" };
                format!("{} {}{optional}", source.url, source.suite)
            })
            .collect()
    }

    #[test]
    fn prefers_the_given_then_the_hosts_then_the_public_one() {
        let host = "Types: deb\nURIs: http://mirror.lan/debian/\nSuites: bookworm bookworm-updates\nComponents: main\n";
        let other = "Types: deb\nURIs: https://deb.nodesource.com/node_20.x\nSuites: nodistro\nComponents: main\n";
        assert_eq!(
            chosen(Some("file:/srv/debian/"), host),
            [
                "file:/srv/debian trixie",
                "file:/srv/debian trixie-updates?",
                "file:/srv/debian-security trixie-security?"
            ]
        );
        assert_eq!(
            chosen(None, host),
            [
                "http://mirror.lan/debian trixie",
                "http://mirror.lan/debian trixie-updates?",
                "http://mirror.lan/debian-security trixie-security?"
            ]
        );
        assert_eq!(
            chosen(None, other),
            [
                "http://deb.debian.org/debian trixie",
                "http://deb.debian.org/debian trixie-updates",
                "http://deb.debian.org/debian-security trixie-security"
            ]
        );
    }
}
