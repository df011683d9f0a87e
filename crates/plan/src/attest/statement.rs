//! Statements of in-toto: something said about images.

use serde_json::{Value, json};

use super::material;
use crate::digest::Digest;
use crate::image::Platform;
use crate::reference::Reference;

/// The media type of a statement.
pub const IN_TOTO: &str = "application/vnd.in-toto+json";

/// How an image was made.
pub const SLSA: &str = "https://slsa.dev/provenance/v1";

/// What is in an image.
pub const SPDX: &str = "https://spdx.dev/Document";

/// Something said about an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// What kind of thing is said.
    pub predicate_type: &'static str,
    /// The statement, JSON.
    pub bytes: Vec<u8>,
}

impl Statement {
    /// Says `predicate` about the image with the manifest `digest`, under each of its names.
    pub fn new(
        names: &[Reference],
        digest: &Digest,
        platform: &Platform,
        predicate_type: &'static str,
        predicate: &Value,
    ) -> Self {
        let mut subjects: Vec<String> = names
            .iter()
            .map(|name| material::subject(name, platform))
            .collect();
        if subjects.is_empty() {
            // in-toto's word for what has no name.
            subjects.push("_".to_owned());
        }
        let subjects: Vec<Value> = subjects
            .into_iter()
            .map(|name| json!({ "name": name, "digest": { "sha256": digest.hex() } }))
            .collect();
        let statement = json!({
            "_type": "https://in-toto.io/Statement/v1",
            "subject": subjects,
            "predicateType": predicate_type,
            "predicate": predicate,
        });
        Self {
            predicate_type,
            bytes: statement.to_string().into_bytes(),
        }
    }
}
