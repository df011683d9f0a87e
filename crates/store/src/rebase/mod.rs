//! Images on another base without a build: the same upper layers, the new base's below, configurations merged.
//!
//! ```text
//! image:  [old base] [upper layers]      configuration = old base's + changes
//! gives:  [new base] [upper layers]      configuration = new base's + changes
//! ```
//! Right where the upper layers only add files of their own, as those of applications do. What they changed in files of the
//! base (a package database, say) stays as it was.

mod failure;
mod image;
mod merge;

pub use failure::RebaseError;
pub use image::{find_base, rebase};
