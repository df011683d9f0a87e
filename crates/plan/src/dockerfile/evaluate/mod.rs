//! What the instructions of a stage do, one after the other: variables filled in, relative paths made absolute.
//!
//! ```text
//! base's configuration --State::begin--> State --step(instruction)--> Op        for the engine
//!                                          '-----finish--> configuration, history, what the next stage inherits
//! ```
//! Sources: the Dockerfile reference; what it leaves open, as `BuildKit` has it (`frontend/dockerfile/dockerfile2llb`).

mod command;
mod history;
mod mode;
mod mount;
pub(in crate::dockerfile) mod mount_key;
mod place;
mod port;
mod remote;
mod run;
mod settings;
mod signal;
mod state;
mod transfer;
mod trigger;
mod value;

pub use state::{Beginning, Finished, Scope, State};
