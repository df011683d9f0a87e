//! What is said about an image beside it: statements of in-toto about what it was made from and what is in it.
//!
//! ```text
//! index --image
//!     '---attestation manifest, vnd.docker.reference.digest=IMAGE
//!             |-layer application/vnd.in-toto+json  predicate https://slsa.dev/provenance/v1
//!             '-layer application/vnd.in-toto+json  predicate https://spdx.dev/Document
//! ```
//! Source: docs/attestations/attestation-storage.md of `BuildKit`, in-toto's attestation v1, SLSA provenance v1.
//! Nothing in it comes from the clock: the same sources give the same bytes. No value that may be a secret is in it.

mod annotation;
mod manifest;
mod material;
mod provenance;
mod statement;
mod wanted;

pub use annotation::{Annotations, BadAnnotation};
pub use manifest::{
    Attached, DIGEST, MANIFEST_TYPE, PREDICATE, REFERENCE_TYPE, STATEMENTS, attached, entry,
    is_about, is_attestation,
};
pub use material::{Material, Taken};
pub use provenance::{Provenance, known_argument, predicate};
pub use statement::{IN_TOTO, SLSA, SPDX, Statement};
pub use wanted::{BadAttest, Detail, Wanted};
