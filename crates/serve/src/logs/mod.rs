//! What environments print, kept on disk: one log for each part of each environment.
//!
//! ```text
//! STATE/log/ID/PART/OFFSET        whole lines, each `MILLIS TEXT`; the name says how many bytes came before, in 20 digits
//! STATE/log/ID/gone               since then nobody knows the environment any more
//! ```
//! A log never gets longer than what is kept of it: its beginning and its end stay, what is between goes. Positions count what was
//! ever written, so a reader can go on where it was, whatever was dropped. Escape sequences of terminals stay as they came; of a line that
//! is too long the beginning stays, and how much is missing.

mod book;
mod log;
mod part;
mod plain;

pub use book::Logs;
pub(crate) use book::now;
pub use log::Chunk;
pub use part::Part;
pub use plain::{coloured, plain};

/// What stands between the name of a process and what it prints.
pub(crate) const BAR: &str = " | ";
