//! Which state of the sources an image was made from: as the tag and the labels of its images say.
//!
//! Labels: OCI image-spec, "Pre-Defined Annotation Keys".

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;

/// How many digits of a digest of sources are in a tag.
const DIGITS: usize = 12;

/// The label with the date of an image; one that is empty is filled in when the image is made.
pub const CREATED: &str = "org.opencontainers.image.created";

/// A state of sources.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// What tags say: `1a2b3c4`, `1a2b3c4-dirty`, or `src-1a2b3c4d5e6f` without a repository.
    pub tag: String,
    /// The commit, if there is one; with `-dirty` where something is not committed.
    pub commit: Option<String>,
    /// Where the sources are kept.
    pub source: Option<String>,
    /// The version that the commit is tagged with.
    pub version: Option<String>,
}

impl Revision {
    /// The state of sources that are in no repository, by a digest of them.
    pub fn of_sources(digest: &Digest) -> Self {
        Self {
            tag: format!("src-{}", &digest.hex()[..DIGITS]),
            ..Self::default()
        }
    }

    /// Whether something is not committed.
    pub fn is_dirty(&self) -> bool {
        self.tag.ends_with("-dirty")
    }

    /// Labels of images of this state. That of the date is empty: whoever makes the image knows it.
    pub fn labels(&self) -> BTreeMap<String, String> {
        let created = Some(String::new());
        [
            ("created", &created),
            ("revision", &self.commit),
            ("source", &self.source),
            ("version", &self.version),
        ]
        .into_iter()
        .filter_map(|(key, value)| {
            let key = format!("org.opencontainers.image.{key}");
            Some((key, value.clone()?))
        })
        .collect()
    }
}

/// The state that git tells about a folder. `short` and `commit` are the current commit, `changes` what `git status
/// --porcelain` prints about the folder, `remote` the address of origin, `tags` those of the commit, one on a line.
pub fn said_by_git(short: &str, commit: &str, changes: &str, remote: &str, tags: &str) -> Revision {
    let dirty = if changes.trim().is_empty() {
        ""
    } else {
        "-dirty"
    };
    let mut versions: Vec<&str> = tags.lines().filter_map(version).collect();
    versions.sort_unstable();
    Revision {
        tag: format!("{}{dirty}", short.trim()),
        commit: Some(format!("{}{dirty}", commit.trim())),
        source: source(remote.trim()),
        // What is not committed has no version yet.
        version: versions
            .last()
            .filter(|_| dirty.is_empty())
            .map(|version| (*version).to_owned()),
    }
}

/// The version that a tag of a commit means: `v1.2.3`, `1.2.3`.
fn version(tag: &str) -> Option<&str> {
    let tag = tag.trim();
    let version = tag.strip_prefix('v').unwrap_or(tag);
    version
        .starts_with(|c: char| c.is_ascii_digit())
        .then_some(version)
}

/// Where people find a repository: its address as a browser takes it, never with a password. A path of this machine is
/// nobody else's business.
fn source(remote: &str) -> Option<String> {
    let (host, path) = if let Some((scheme, rest)) = remote.split_once("://") {
        if !matches!(scheme, "http" | "https" | "ssh" | "git") {
            return None;
        }
        rest.split_once('/')?
    } else {
        // scp's form: git@host:path
        let (host, path) = remote.split_once(':')?;
        if host.contains('/') {
            return None;
        }
        (host, path)
    };
    let host = host.rsplit('@').next().unwrap_or(host);
    let host = if remote.starts_with("http") {
        host
    } else {
        host.split(':').next().unwrap_or(host)
    };
    let scheme = if remote.starts_with("http://") {
        "http"
    } else {
        "https"
    };
    let path = path.trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    (!host.is_empty() && !path.is_empty()).then(|| format!("{scheme}://{host}/{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_repositories() {
        for (remote, expected) in [
            (
                "https://host.example/team/shop.git",
                Some("https://host.example/team/shop"),
            ),
            (
                "https://user:word@host.example:8443/shop",
                Some("https://host.example:8443/shop"),
            ),
            ("http://host.example/shop", Some("http://host.example/shop")),
            (
                "git@host.example:team/shop.git",
                Some("https://host.example/team/shop"),
            ),
            (
                "ssh://git@host.example:2222/team/shop.git",
                Some("https://host.example/team/shop"),
            ),
            ("/srv/git/shop.git", None),
            ("file:///srv/git/shop", None),
            ("../shop", None),
            ("./a:b", None),
            ("", None),
        ] {
            assert_eq!(source(remote).as_deref(), expected, "{remote}");
        }
    }

    #[test]
    fn states() {
        let clean = said_by_git("1a2b3c4\n", "1a2b3c4d\n", "\n", "", "v1.2\nv1.1\nlatest\n");
        assert_eq!(clean.tag, "1a2b3c4");
        assert_eq!(clean.version.as_deref(), Some("1.2"));
        assert!(!clean.is_dirty());
        let dirty = said_by_git(
            "1a2b3c4",
            "1a2b3c4d",
            " M app.py",
            "git@h.example:a/b",
            "v1",
        );
        assert_eq!(dirty.tag, "1a2b3c4-dirty");
        assert!(dirty.is_dirty());
        let labels: Vec<String> = dirty
            .labels()
            .into_iter()
            .map(|(k, v)| format!("{k}={v}"))
            .collect();
        assert_eq!(
            labels,
            [
                "org.opencontainers.image.created=",
                "org.opencontainers.image.revision=1a2b3c4d-dirty",
                "org.opencontainers.image.source=https://h.example/a/b",
            ]
        );
        let sources = Revision::of_sources(&Digest::of(b"x"));
        assert_eq!(sources.tag, "src-2d711642b726");
        assert_eq!(sources.labels().keys().collect::<Vec<_>>(), [CREATED]);
    }
}
