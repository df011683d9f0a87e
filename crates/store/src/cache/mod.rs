//! What was done before, for other machines: records of actions with their layers, and cache mounts, in a folder or in
//! a registry.
//!
//! ```text
//! manifest   config: {"schema":1,"actions":{KEY:{"used":SECONDS,"record":...}},"mounts":{NAME:{"used":...,"layer":...}}}
//!            layers: the blobs that the records name, and one for each cache mount
//! folder     an OCI image layout with this one manifest; `.lock` while somebody writes
//! ```
//! A record is taken over when a build asks for its key, its blobs with it; their digests are verified while they come
//! in. What cannot be had is a miss, and told once.

mod config;
mod export;
mod failure;
mod folder;
mod ledger;
mod place;

pub use export::{Exported, Mode, Target, export};
pub use failure::CacheError;
pub(crate) use ledger::Ledger;
pub use ledger::{Taken, Warn};
pub use place::Place;
