//! Names of images.
//!
//! ```text
//! [registry[:port]/]path[:tag][@sha256:digest]
//! 127.0.0.1:5000/team/app:1.2      guestbook/app      debian:bookworm
//! ```
//! Nothing is added that is not written: `guestbook/app` is not `docker.io/guestbook/app` in our store.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;

/// The name of an image. At least one of tag and digest is set (`latest` is assumed).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reference {
    /// Registry with port, if the first component has a dot, a colon or is `localhost`.
    pub registry: Option<String>,
    /// Path within the registry, lower case.
    pub repository: String,
    /// Tag, if any.
    pub tag: Option<String>,
    /// Digest, if any.
    pub digest: Option<Digest>,
}

/// The text does not name an image.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[error("{text:?} is not an image reference: {reason}")]
pub struct NotAReference {
    /// What was given.
    pub text: String,
    /// Why not.
    pub reason: &'static str,
}

impl FromStr for Reference {
    type Err = NotAReference;

    fn from_str(text: &str) -> Result<Self, NotAReference> {
        let wrong = |reason| NotAReference {
            text: text.to_owned(),
            reason,
        };
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (
                rest,
                Some(
                    digest
                        .parse()
                        .map_err(|_| wrong("after @ comes sha256: and 64 hex digits"))?,
                ),
            ),
            None => (text, None),
        };
        let (registry, rest) = match rest.split_once('/') {
            Some((first, rest)) if first == "localhost" || first.contains(['.', ':']) => {
                (Some(first.to_owned()), rest)
            }
            _ => (None, rest),
        };
        let (repository, tag) = match rest.rsplit_once(':') {
            Some((repository, tag)) => (repository, Some(tag.to_owned())),
            None => (rest, None),
        };
        if repository.is_empty() {
            return Err(wrong("the repository is empty"));
        }
        let word = |part: &str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b))
                && part
                    .bytes()
                    .next()
                    .is_some_and(|b| b.is_ascii_alphanumeric())
        };
        if !repository.split('/').all(word) {
            return Err(wrong(
                "a repository has lower-case letters, digits and . _ - between its slashes",
            ));
        }
        if let Some(tag) = &tag {
            let fits = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
            if tag.is_empty()
                || tag.len() > 128
                || !tag.bytes().all(fits)
                || tag.starts_with(['.', '-'])
            {
                return Err(wrong("a tag has up to 128 letters, digits and . _ -"));
            }
        }
        let tag = if tag.is_none() && digest.is_none() {
            Some("latest".to_owned())
        } else {
            tag
        };
        Ok(Self {
            registry,
            repository: repository.to_owned(),
            tag,
            digest,
        })
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(registry) = &self.registry {
            write!(f, "{registry}/")?;
        }
        f.write_str(&self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

impl TryFrom<String> for Reference {
    type Error = NotAReference;

    fn try_from(text: String) -> Result<Self, NotAReference> {
        text.parse()
    }
}

impl From<Reference> for String {
    fn from(reference: Reference) -> Self {
        reference.to_string()
    }
}
