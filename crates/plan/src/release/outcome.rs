//! What scripts are told of an image that was built.
//!
//! ```text
//! release: "shop[web]==1.2"
//! image: "registry.example.com/shop-web:1.2"
//! digest: "sha256:..."
//! layers:
//!   - {"digest":"sha256:...","size_bytes":29876543}
//! ```
//! `release`, `image` and `hash` are what grocker calls them.

use std::fmt::Write as _;

use serde::Serialize;

use crate::digest::Digest;
use crate::image::{Descriptor, Manifest};
use crate::reference::Reference;

/// An image that was built.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// What it was built from, as it was said. Without a password.
    pub release: String,
    /// Its whole name.
    pub image: String,
    /// Its name without the tag.
    pub name: String,
    /// Its tag.
    pub tag: String,
    /// The digest of its manifest.
    pub digest: Digest,
    /// The same, as grocker calls it.
    pub hash: Digest,
    /// The digest of its configuration, which Docker calls its id.
    pub config: Digest,
    /// Sum of its layers as they are pushed, bytes.
    pub size_bytes: u64,
    /// Its layers, lowest first.
    pub layers: Vec<LayerSize>,
}

/// A layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LayerSize {
    /// Its digest.
    pub digest: Digest,
    /// Its size as it is pushed, bytes.
    pub size_bytes: u64,
}

impl Outcome {
    /// Of the image `manifest`, which is called `reference`.
    pub fn new(
        release: &str,
        reference: &Reference,
        descriptor: &Descriptor,
        manifest: &Manifest,
    ) -> Self {
        let layers = manifest.layers.iter();
        let layers: Vec<LayerSize> = layers
            .map(|layer| LayerSize {
                digest: layer.digest.clone(),
                size_bytes: layer.size,
            })
            .collect();
        let tag = reference.tag.clone().unwrap_or_else(|| "latest".to_owned());
        let name = Reference {
            tag: None,
            digest: None,
            ..reference.clone()
        };
        Self {
            release: release.to_owned(),
            image: reference.to_string(),
            name: name.to_string(),
            tag,
            digest: descriptor.digest.clone(),
            hash: descriptor.digest.clone(),
            config: manifest.config.digest.clone(),
            size_bytes: layers.iter().map(|layer| layer.size_bytes).sum(),
            layers,
        }
    }

    /// As JSON, with a line end.
    ///
    /// # Panics
    /// Never: it is plain data.
    pub fn json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("plain data with string keys");
        text.push('\n');
        text
    }

    /// As YAML. Its values are JSON, which YAML takes as it is (YAML 1.2.2, section 1.3).
    ///
    /// # Panics
    /// Never: it is plain data.
    pub fn yaml(&self) -> String {
        let value = serde_json::to_value(self).expect("plain data with string keys");
        let mut text = String::new();
        for (key, value) in value.as_object().into_iter().flatten() {
            let written = match value.as_array() {
                Some(items) => {
                    let items = items.iter().fold(String::new(), |text, item| {
                        text + "\n  - " + &item.to_string()
                    });
                    writeln!(text, "{key}:{items}")
                }
                None => writeln!(text, "{key}: {value}"),
            };
            written.expect("a string takes everything");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::image::media;

    #[test]
    fn both_forms() {
        let blob = |bytes: &[u8], size| Descriptor {
            media_type: media::LAYER_ZSTD.to_owned(),
            digest: Digest::of(bytes),
            size,
            annotations: BTreeMap::new(),
            platform: None,
        };
        let manifest = Manifest {
            schema_version: 2,
            media_type: None,
            config: blob(b"c", 1),
            layers: vec![blob(b"a", 20), blob(b"b", 3)],
            annotations: BTreeMap::new(),
        };
        let reference = "host:5000/shop-web:1.2".parse().unwrap();
        let outcome = Outcome::new("shop[web]==1.2", &reference, &blob(b"m", 9), &manifest);
        let [m, c, a, b] = [b"m", b"c", b"a", b"b"].map(|bytes| Digest::of(bytes));
        assert_eq!(
            outcome.yaml(),
            format!(
                "config: \"{c}\"\ndigest: \"{m}\"\nhash: \"{m}\"\nimage: \"host:5000/shop-web:1.2\"\nlayers:\n  \
                 - {{\"digest\":\"{a}\",\"size_bytes\":20}}\n  - {{\"digest\":\"{b}\",\"size_bytes\":3}}\n\
                 name: \"host:5000/shop-web\"\nrelease: \"shop[web]==1.2\"\nsize_bytes: 23\ntag: \"1.2\"\n"
            )
        );
        let json: serde_json::Value = serde_json::from_str(&outcome.json()).unwrap();
        assert_eq!(json["layers"][1]["size_bytes"], 3);
        assert_eq!(json["image"], "host:5000/shop-web:1.2");
    }
}
