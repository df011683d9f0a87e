//! Environments on this machine: clones, and our own command as child processes.
//!
//! ```text
//! Order -> Local -> lane of the environment -> clone, boatyard up, boatyard down -> Told
//! ```
//! Snapshots are saved data (`boatyard data`). What runs goes on when the server ends, and is found again.

mod backend;
mod cleanup;
mod data;
mod prepare;
mod running;
mod snapshot;
mod sweep;

pub use backend::Local;
