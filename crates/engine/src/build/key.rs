//! Keys of actions: what a step's result depends on, as one digest.

use boatyard_plan::digest::Digest;
use serde::Serialize;

/// Raised when the same inputs give other results because our code changed.
const GENERATION: u32 = 1;

/// The key of an action: `kind` says what is done, `inputs` all that its result depends on. The encoding is JSON with
/// a fixed order of fields, so the same inputs give the same bytes.
pub(crate) fn key<T: Serialize>(kind: &str, inputs: &T) -> String {
    let text = serde_json::to_vec(&(GENERATION, kind, std::env::consts::ARCH, inputs))
        .expect("inputs are plain data with string keys");
    Digest::of(&text).hex().to_owned()
}
