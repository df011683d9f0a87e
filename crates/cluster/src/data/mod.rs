//! What is in the volumes of what is deployed: copied while nothing of it runs, and put back.
//!
//! ```text
//! claim --> a pod for each, with the image, user and mount of what has it otherwise, in which nothing but `sleep` runs
//! save      tar in the pod --exec--> FOLDER/CLAIM.tar, its size and digest
//! restore   FOLDER/CLAIM.tar --exec--> VOLUME/.boatyard/new, in all; then all claims are marked; then, in each, what was there goes
//!           and what is new takes its place; then no claim is marked
//! ```
//! As long as a claim is marked, its volume may be half of each: [`settle`] finishes that. Before that nothing has changed.

mod carrier;
mod error;
mod mark;
mod pod;
mod program;
mod restore;
mod save;
mod script;
mod volume;

pub use error::Error;
pub use mark::is_unsettled;
pub(crate) use pod::{clear, is_carrier};
pub(crate) use restore::put;
pub use restore::{restore, settle};
pub use save::save;
pub use volume::{Kept, Volume};
