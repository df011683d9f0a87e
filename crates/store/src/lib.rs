//! Where images live: a content-addressed store on disk, layers, registries. Blocking; safe for many threads and many
//! processes at once; whole after a crash at any moment.
//!
//! ```text
//! <root>/oci-layout, index.json     an OCI image layout: skopeo and umoci read the folder as it is
//!        blobs/sha256/<digest>      manifests, configurations, layers
//!        actions/<k0k1>/<key>       what was done before
//!        snap/<diff id>/fs          unpacked layers
//!        pins/<name>                what else must not be collected
//!        tmp/<pid>.<n>/             work in progress
//!        lock, index.lock
//! ```
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let store = boatyard_store::Store::open("/var/lib/boatyard".as_ref())?;
//! let base = store.resolve(&"debian:bookworm".parse()?)?.ok_or("no such image")?;
//! let manifest = store.manifest(&base)?;
//! for layer in store.layers(&manifest)? {
//!     println!("{}", store.ensure_snapshot(&layer)?.display());
//! }
//! # Ok(()) }
//! ```

mod action;
mod blob;
pub mod cache;
mod disk;
pub mod export;
mod failure;
mod images;
pub mod import;
pub mod layer;
mod platforms;
pub mod prune;
pub mod rebase;
pub mod registry;
mod remove;
pub mod resolver;
mod rubbish;
mod scratch;
mod snapshot;
mod store;

pub use action::ActionLock;
pub use disk::DiskError;
pub use failure::StoreError;
pub use images::{REF_NAME, host_platform};
pub use platforms::IndexError;
pub use remove::remove_tree;
pub use scratch::Scratch;
pub use snapshot::Names;
pub use store::Store;
