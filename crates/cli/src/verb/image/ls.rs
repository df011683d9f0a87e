//! `boatyard image ls`

use boatyard_plan::digest::Digest;
use boatyard_store::{Store, StoreError};
use serde::Serialize;

use crate::answer::{self, Table};
use crate::progress::amount;
use crate::stopped::Stopped;
use crate::voice::Voice;

/// What programs learn of each image.
#[derive(Serialize)]
struct Answer {
    reference: String,
    /// Digest of the manifest.
    digest: Digest,
    /// Number of layers.
    layers: usize,
    /// Sum of the compressed layers, bytes.
    size_bytes: u64,
}

/// Lists images, sorted by name.
pub fn run(store: &Store, voice: &Voice) -> Result<(), Stopped> {
    let mut answers = Vec::new();
    for (reference, descriptor) in store.images()? {
        let layers = match store.manifest(&descriptor) {
            Ok(manifest) => manifest.layers,
            // An index for other machines: nothing of it would run here.
            Err(StoreError::NoPlatform { .. }) => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        answers.push(Answer {
            reference: reference.to_string(),
            digest: descriptor.digest,
            layers: layers.len(),
            size_bytes: layers.iter().map(|layer| layer.size).sum(),
        });
    }
    if voice.json {
        return answer::json(&answers);
    }
    let mut table = Table::new(["IMAGE", "DIGEST", "LAYERS", "SIZE"]);
    for answer in answers {
        table.row([
            answer.reference,
            answer.digest.short().to_owned(),
            answer.layers.to_string(),
            amount::bytes(answer.size_bytes),
        ]);
    }
    answer::text(&table.render(voice.out))
}
