//! Layers: trees of files to tar blobs and back.
//!
//! ```text
//! folder --walk_upper | changes | walk_tree | compare--> [Entry] --write--> blob in the store
//! blob --unpack--> snapshot (overlay whiteouts) or flat tree;  snapshots --flatten--> flat tree
//! ```
//! ```no_run
//! # use boatyard_store::{Store, layer};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let store = Store::open("/var/lib/boatyard".as_ref())?;
//! let entries = layer::walk_upper("/tmp/upper".as_ref())?;
//! let layer = layer::write(&store, entries, &layer::Options::default())?;
//! let tree = store.ensure_snapshot(&layer)?;
//! # Ok(()) }
//! ```

mod compare;
mod entry;
mod failure;
mod field;
mod find;
mod flatten;
mod header;
mod hide;
mod limits;
mod metadata;
mod place;
mod read;
mod root;
mod sparse;
mod spool;
mod unpack;
mod upper;
mod walk;
mod whiteout;
mod write;

pub use compare::compare;
pub use entry::{Content, Entry, Kind, Layer};
pub use failure::LayerError;
pub(crate) use find::first_file;
pub use flatten::flatten;
pub(crate) use header::encode;
pub use limits::Limits;
pub use spool::{begins_tar, spool};
pub(crate) use unpack::plain;
pub use unpack::{Devices, Owners, Stats, Style, Unpack, unpack};
pub use upper::{Below, changes};
pub use walk::{walk_tree, walk_upper};
pub use whiteout::Whiteouts;
pub use write::{Compression, Options, write, write_in_order};
