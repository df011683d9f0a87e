//! What is done now, and why: policy, inventory and wishes in, events out. Pure, and the same for the same input.
//!
//! ```text
//! appear   what is wanted and not there          create
//! leave    what is closed, replaced, unwatched   Remove
//! expire   what takes too long, is not used      Expire, Stop, Remove; what failed is tried again
//! run      what is asked for, while there is room, or another may give way    Start, Stop
//! fit      room for those whose turn it is       Remove
//! prepare  whose turn it is                      Prepare
//! ```
//! Each decision is taken on what is there after those before it, so no limit is ever exceeded by what is in flight.
//!
//! [`decide`] looks at everything; an [`Agenda`] comes to the same by looking at what is different and at what is due.

mod agenda;
mod all;
mod appear;
mod expire;
mod fit;
mod leave;
mod plan;
mod prepare;
pub mod queue;
mod run;
mod source;
pub mod victims;
mod why;

pub use agenda::Agenda;
pub use all::decide;
pub use plan::{Decision, Outcome};
pub use why::Why;
