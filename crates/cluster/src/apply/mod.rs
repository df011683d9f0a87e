//! Server-side apply: what a manifest says is so, what others set stays theirs.
//!
//! ```text
//! manifest + what is there --> Placing --> apply --> Applied (before, after)
//!                                 |   '--> restore, withdraw: as if it had not been
//!                                 '------> refused: it is another project's
//! ```

mod manner;
mod object;
mod placing;

pub use manner::{Applied, Change, Force, Manner};
pub use object::absent;
pub use placing::{Placing, apply};
