//! The init of an image.

use boatyard_init::contract::BINARY;

use super::CONTEXT;

/// The instruction that puts boatyard-init into the image.
pub(super) fn init() -> String {
    format!("COPY --from={CONTEXT} boatyard-init {BINARY}")
}
