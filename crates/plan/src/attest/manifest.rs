//! The manifest that carries statements, and its place beside the image.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::statement::{IN_TOTO, Statement};
use crate::digest::Digest;
use crate::image::{Descriptor, Platform, media};

/// The annotation that says what an entry of an index is for.
pub const REFERENCE_TYPE: &str = "vnd.docker.reference.type";

/// What it says of a manifest with statements.
pub const MANIFEST_TYPE: &str = "attestation-manifest";

/// The annotation that says which image it is about.
pub const DIGEST: &str = "vnd.docker.reference.digest";

/// The annotation of a layer that says what kind of thing is said.
pub const PREDICATE: &str = "in-toto.io/predicate-type";

/// What registries list it as among those that refer to the image.
const ARTIFACT_TYPE: &str = "application/vnd.docker.attestation.manifest.v1+json";

/// What registries list manifests with statements as: `BuildKit`'s and ours, and those of other tools.
pub const STATEMENTS: [&str; 2] = [ARTIFACT_TYPE, IN_TOTO];

/// A manifest with statements. All but the descriptor are blobs to be stored, as are the statements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attached {
    /// Its configuration.
    pub config: Vec<u8>,
    /// The manifest.
    pub manifest: Vec<u8>,
    /// What stands for it in an index.
    pub descriptor: Descriptor,
}

/// Whether an entry of an index is no image but what is said about one.
pub fn is_attestation(entry: &Descriptor) -> bool {
    entry.annotations.get(REFERENCE_TYPE).map(String::as_str) == Some(MANIFEST_TYPE)
}

/// Whether an entry of an index is what is said about the image with this digest.
pub fn is_about(entry: &Descriptor, image: &Digest) -> bool {
    is_attestation(entry) && entry.annotations.get(DIGEST) == Some(&image.to_string())
}

/// The entry of an index for a `manifest` with statements about `image`.
pub fn entry(image: &Digest, manifest: Descriptor) -> Descriptor {
    // Tools that know nothing of it see an image for a platform that nobody has.
    let unknown = Platform {
        architecture: "unknown".to_owned(),
        os: "unknown".to_owned(),
        variant: None,
    };
    Descriptor {
        annotations: BTreeMap::from([
            (DIGEST.to_owned(), image.to_string()),
            (REFERENCE_TYPE.to_owned(), MANIFEST_TYPE.to_owned()),
        ]),
        platform: Some(unknown),
        ..manifest
    }
}

/// The manifest that carries `statements` about `image`.
pub fn attached(image: &Descriptor, statements: &[Statement]) -> Attached {
    let digests: Vec<Digest> = statements
        .iter()
        .map(|statement| Digest::of(&statement.bytes))
        .collect();
    // Tools that know nothing of it see an image for a platform that nobody has.
    let config = json!({
        "architecture": "unknown",
        "os": "unknown",
        "config": {},
        "rootfs": { "type": "layers", "diff_ids": digests },
    });
    let config = config.to_string().into_bytes();
    let layers: Vec<Value> = statements
        .iter()
        .zip(&digests)
        .map(|(statement, digest)| {
            json!({
                "mediaType": IN_TOTO,
                "digest": digest,
                "size": statement.bytes.len(),
                "annotations": { PREDICATE: statement.predicate_type },
            })
        })
        .collect();
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": media::MANIFEST,
        "artifactType": ARTIFACT_TYPE,
        "config": {
            "mediaType": media::CONFIG,
            "digest": Digest::of(&config),
            "size": config.len(),
        },
        "layers": layers,
        "subject": {
            "mediaType": image.media_type,
            "digest": image.digest,
            "size": image.size,
        },
    });
    let manifest = manifest.to_string().into_bytes();
    let plain = Descriptor {
        media_type: media::MANIFEST.to_owned(),
        digest: Digest::of(&manifest),
        size: manifest.len() as u64,
        annotations: BTreeMap::new(),
        platform: None,
    };
    let descriptor = entry(&image.digest, plain);
    Attached {
        config,
        manifest,
        descriptor,
    }
}
