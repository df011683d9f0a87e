//! The image that a bill of materials is of.

use super::purl::purl;
use crate::digest::Digest;
use crate::reference::Reference;

/// The image that a bill of materials is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// What it is called.
    pub reference: Reference,
    /// Digest of its manifest.
    pub digest: Digest,
    /// Go's name of the processor architecture.
    pub architecture: String,
    /// When the document counts as made: RFC 3339 in UTC, whole seconds.
    pub created: String,
}

impl Subject {
    /// `pkg:oci/app@sha256:...?arch=amd64&repository_url=registry.example.com/shop/app&tag=1.2`
    pub(super) fn purl(&self) -> String {
        let repository = self.repository();
        let name = repository.rsplit('/').next().unwrap_or(&repository);
        let name = name.to_ascii_lowercase();
        let tag = self.reference.tag.as_deref().unwrap_or_default();
        let qualifiers = [
            ("arch", self.architecture.as_str()),
            ("repository_url", &repository),
            ("tag", tag),
        ];
        purl("oci", &[&name], &self.digest.to_string(), &qualifiers)
    }

    /// The name without tag and digest.
    fn repository(&self) -> String {
        let bare = Reference {
            tag: None,
            digest: None,
            ..self.reference.clone()
        };
        bare.to_string()
    }

    /// What tells documents of one form apart: by the image, its name, the moment and whoever wrote it.
    pub(super) fn seed(&self, form: &str) -> Digest {
        let parts = [
            form,
            &self.digest.to_string(),
            &self.reference.to_string(),
            &self.created,
            env!("CARGO_PKG_VERSION"),
        ];
        Digest::of(parts.join("\n").as_bytes())
    }
}
