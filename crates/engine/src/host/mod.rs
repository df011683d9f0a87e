//! This machine and what it permits.
//!
//! ```no_run
//! use boatyard_engine::host::{self, Options};
//! let host = host::enter(&Options::default())?;
//! for notice in &host.notices {
//!     eprintln!("{}", notice.message);
//! }
//! # Ok::<(), host::HostError>(())
//! ```
//!
//! [`enter`] moves this process to where it has the most rights it can get: its own mounts as root, a user namespace
//! of its own otherwise. Everything that is mounted afterwards is seen by this process and its children only and is
//! gone with them, however they end. What is permitted is found by trying it in a child, never by asking for versions.

mod enter;
mod error;
mod memory;
mod model;
mod probe;
mod report;
mod subordinate;
mod userns;

pub use enter::enter;
pub use error::HostError;
pub use model::{Caller, Host, Isolation, Networks, Notice, Options, Privilege, Snapshots};
pub use report::{Finding, State, report};
