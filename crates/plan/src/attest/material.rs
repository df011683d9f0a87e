//! What a build took from elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::digest::Digest;
use crate::image::Platform;
use crate::lock::{Base, Pin};
use crate::reference::Reference;
use crate::sbom;

/// Something that a build took from elsewhere, as in-toto describes resources.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Material {
    /// What it is called, where it has no URI.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where it is; never with a user, a password or a query.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// Digests by algorithm.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub digest: BTreeMap<String, String>,
}

/// All that a build took.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// What it started from, and copied out of.
    pub bases: BTreeSet<Base>,
    /// Downloads, repositories, the context.
    pub materials: BTreeSet<Material>,
    /// Keys of what was copied from the context.
    pub copies: BTreeSet<String>,
}

impl Material {
    /// What was downloaded from `url`. `None` if that is a file of the machine that built.
    pub fn download(url: &str, digest: &Digest) -> Option<Self> {
        Some(Self {
            uri: Some(sbom::public(url)?),
            digest: sha256(digest),
            ..Self::default()
        })
    }

    /// A commit of the repository at `url`; without a URL that others know, the commit alone.
    pub fn commit(url: &str, commit: &str) -> Self {
        let uri = sbom::public(url).map(|url| format!("git+{url}"));
        Self {
            name: uri.is_none().then(|| "repository".to_owned()),
            uri,
            digest: BTreeMap::from([("gitCommit".to_owned(), commit.to_owned())]),
        }
    }

    /// A Debian package.
    pub fn package(purl: &str) -> Self {
        Self {
            uri: Some(purl.to_owned()),
            ..Self::default()
        }
    }
}

impl From<&Base> for Material {
    fn from(base: &Base) -> Self {
        match &base.pin {
            Pin::Image(digest) => Self {
                name: None,
                uri: Some(image(base, digest)),
                digest: sha256(digest),
            },
            Pin::Packages { indexes, date } => Self {
                name: Some(format!("{}, package indexes of {date}", base.reference)),
                uri: None,
                digest: sha256(indexes),
            },
        }
    }
}

impl Taken {
    /// What it comes to, sorted; of the context, one digest of all that was copied from it.
    pub fn materials(&self) -> BTreeSet<Material> {
        let bases = self.bases.iter().map(Material::from);
        let mut all: BTreeSet<Material> = self.materials.iter().cloned().chain(bases).collect();
        if !self.copies.is_empty() {
            let keys: Vec<&str> = self.copies.iter().map(String::as_str).collect();
            all.insert(Material {
                name: Some("context".to_owned()),
                uri: None,
                digest: sha256(&Digest::of(keys.join("\n").as_bytes())),
            });
        }
        all
    }

    /// Whether something of it was made from Debian's packages.
    pub fn has_packages(&self) -> bool {
        let mut bases = self.bases.iter();
        bases.any(|base| matches!(base.pin, Pin::Packages { .. }))
    }
}

/// `pkg:docker/NAME@TAG?digest=...&platform=...`, as `BuildKit` writes it.
fn image(base: &Base, digest: &Digest) -> String {
    let digest = digest.to_string();
    let platform = base.platform.as_str();
    match base.reference.parse::<Reference>() {
        Ok(reference) => named(&reference, &[("digest", &digest), ("platform", platform)]),
        // A named context that is no reference.
        Err(_) => sbom::purl(
            "docker",
            &[&base.reference],
            &digest,
            &[("platform", platform)],
        ),
    }
}

/// The purl of an image for Docker.
fn named(reference: &Reference, qualifiers: &[(&str, &str)]) -> String {
    let registry = reference.registry.as_deref();
    let path: Vec<&str> = registry
        .into_iter()
        .chain(reference.repository.split('/'))
        .collect();
    let tag = reference.tag.as_deref().unwrap_or("latest");
    sbom::purl("docker", &path, tag, qualifiers)
}

/// What a statement calls an image: `pkg:docker/shop/app@1.2?platform=linux/amd64`.
pub(super) fn subject(reference: &Reference, platform: &Platform) -> String {
    let platform = crate::dockerfile::platform::format(platform);
    named(reference, &[("platform", &platform)])
}

fn sha256(digest: &Digest) -> BTreeMap<String, String> {
    BTreeMap::from([("sha256".to_owned(), digest.hex().to_owned())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_login_is_in_a_material() {
        let digest = Digest::of(b"x");
        let download = Material::download("https://me:pw@host/x.tar?token=1", &digest);
        let uri = download.and_then(|material| material.uri);
        assert_eq!(uri.as_deref(), Some("https://host/x.tar"));
        let commit = Material::commit("https://me:pw@host/x.git", "abc");
        assert_eq!(commit.uri.as_deref(), Some("git+https://host/x.git"));
        let local = Material::commit("/home/me/x", "abc");
        assert_eq!(
            (local.uri, local.name.as_deref()),
            (None, Some("repository"))
        );
    }

    #[test]
    fn bases_are_called_as_buildkit_calls_them() {
        let base = |reference: &str| Base {
            reference: reference.to_owned(),
            platform: "linux/amd64".to_owned(),
            pin: Pin::Image(Digest::of(b"x")),
        };
        let digest = Digest::of(b"x").to_string();
        for (reference, expected) in [
            ("debian:bookworm", "pkg:docker/debian@bookworm"),
            ("host:5000/a/b:1", "pkg:docker/host:5000/a/b@1"),
            ("a/b", "pkg:docker/a/b@latest"),
        ] {
            let uri = Material::from(&base(reference)).uri;
            let expected = format!("{expected}?digest={digest}&platform=linux/amd64");
            assert_eq!(uri, Some(expected), "{reference}");
        }
    }
}
