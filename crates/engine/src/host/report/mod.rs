//! What this machine permits, for people: one finding for each thing that sandboxes, snapshots, networks and downloads
//! need, with what to do about those that are missing.

mod distribution;
mod download;
mod examine;
mod finding;
mod limits;
mod permission;

pub use examine::report;
pub use finding::{Finding, State};
