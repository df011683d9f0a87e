//! Mounted states of a file system: read one, write on top of one, keep what was written as a layer.
//!
//! ```text
//! Tree (layers, lowest first) --Workspace::open--> a writable merged folder
//!        ^                                                |
//!        '------------- Layer <--Workspace::commit--------'
//! ```
//! With overlayfs one unpacked folder per layer is stacked, and the upper folder becomes the new layer's snapshot by a
//! rename. Where mounting is not permitted a workspace is a full copy, and the layer is what differs from its parent.

mod flat;
mod prune;
mod stack;
mod tree;
mod workspace;

pub(crate) use stack::{Seen, Stack, follow};
pub use tree::{Above, Tree};
pub use workspace::{SnapshotError, Workspace};
