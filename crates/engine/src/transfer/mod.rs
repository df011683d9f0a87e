//! Copies into layers: what `COPY` and `ADD` of a Dockerfile do.
//!
//! ```text
//! CopyOp + Place (context, stage, image) --prepare--> Prepared --key----> what the layer depends on, one digest
//!               + the tree that it lands in              '------layer--> the layer, written into the store
//! ```
//! ```ignore
//! let context = Place::folder(folder, Some(&ignore));
//! let prepared = prepare(&op, &context, &parent, store, &downloads)?;
//! let layer = match store.action(&key("copy", &prepared.key())) {
//!     Some(layer) => layer,
//!     None => prepared.layer(store, &options)?,
//! };
//! ```
//! The parent's digest is not in the key, only what the layer takes from it: where the destination leads, the folders
//! on the way there, who is who. The same copy on another base is the same layer.
//!
//! The rules are those of `BuildKit`: `docopy` in solver/llbsolver/file/backend.go, which calls `Copy` of
//! tonistiigi/fsutil, and `dispatchCopy` in frontend/dockerfile/dockerfile2llb.

mod archive;
mod check;
mod copier;
mod digest;
mod disk_file;
mod download;
mod error;
mod gather;
mod git;
mod git_address;
mod http_date;
mod item;
mod items;
mod mode;
mod note;
mod owner;
mod place;
mod prepare;
mod prepared;
mod rules;
mod source;
mod stat_cache;
mod target;
mod unpack;
mod xattr;

pub(crate) use digest::of_file;
pub use download::Downloads;
pub use error::TransferError;
pub(crate) use gather::{Chosen, Gathering};
pub use note::Note;
pub use place::Place;
pub use prepare::prepare;
pub use prepared::Prepared;
