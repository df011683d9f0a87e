//! Images that somebody saved: folders and archives into the store.
//!
//! ```text
//! OCI layout folder              oci-layout, index.json, blobs/
//! OCI archive                    the same in a tar, packed or not
//! docker-archive ("docker save") manifest.json, one tar for each layer
//! ```
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let store = boatyard_store::Store::open("/var/lib/boatyard".as_ref())?;
//! let imported = boatyard_store::import::path(&store, "app.tar".as_ref(), None)?;
//! store.tag(&"app:latest".parse()?, &imported.manifest)?;
//! # Ok(()) }
//! ```

mod docker;
mod failure;
mod imported;
mod layout;

pub use failure::ImportError;
pub use imported::{Imported, path};
