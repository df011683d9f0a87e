//! Several services as one: order, readiness, restarts, one end, one stop.
//!
//! ```text
//! waiting --(those before are ready)--> starting --ready--> up --ended--> pausing --> starting ..
//!                                          |                 '--essential, or too often--> stop of all
//!                                          '--not in time--> stop of all, or another try
//! stop: readiness off, delay; then level by level from the last started: signal, grace, KILL; all within one budget
//! ```
//! `step(event, now) -> actions`, as everywhere in init.

mod machine;
mod output;
mod plan;
mod ready;
mod report;
mod restart;
mod settle;
mod stage;
mod stop;

pub use machine::{Action, Event, Supervisor};
pub use output::Output;
pub use plan::{Misfit, Plan, Spec};
pub use ready::{Readiness, Socket};
pub use stage::Note;
