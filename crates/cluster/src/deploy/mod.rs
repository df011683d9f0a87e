//! A deploy: all of it, or as if it had not been.
//!
//! ```text
//! lock -> ground -> jobs -> roles -> wait -> prune -> record -> release
//!            '--------'--------'-------'---- on failure: undo
//! ```

mod error;
mod run;
mod stop;
mod terms;

pub use error::{Error, Undone};
pub use run::{deploy, preview};
pub use stop::Stop;
pub use terms::{Done, Event, Tell, Terms};
