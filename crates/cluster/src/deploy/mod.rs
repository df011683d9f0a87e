//! A deploy: all of it, or as if it had not been.
//!
//! ```text
//! lock -> ground -> first -> wait -> jobs -> roles -> wait -> record -> prune -> release
//!            '--------'--------'-------'-------'--------'-------'---- on failure: undo
//! ```
//!
//! Before each phase that writes the lock is confirmed; a deploy that has lost it writes nothing more, and undoes nothing.

mod error;
mod here;
mod preview;
mod run;
mod stop;
mod terms;

pub use error::{Error, Undone};
pub use preview::preview;
pub use run::deploy;
pub use stop::Stop;
pub use terms::{Done, Event, Tell, Terms};
