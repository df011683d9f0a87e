//! Environments on this machine: clones, and our own command as child processes.
//!
//! ```text
//! Order -> Local -> lane of the environment -> clone, boatyard up, boatyard down -> Told
//! ```
//! What runs goes on when the server ends, and is found again.

mod backend;
mod begin;
mod cleanup;
mod prepare;
mod running;
mod sweep;

pub use backend::Local;
