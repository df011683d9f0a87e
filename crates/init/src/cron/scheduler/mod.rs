//! What to do when jobs are due, end, hang, or when init is asked to stop: `step(event, now) -> actions`.
//!
//! ```text
//! due --> delayed (splay) --> running --> ended --ok--> done
//!           ^                    |          '--failed--> delayed (retry)
//!           |                    '--too long, replaced, stop--> ending (TERM) --> killed (KILL) --> ended
//! ```

mod count;
mod drain;
mod due;
mod machine;
mod reload;
mod run;
mod seed;
mod status;

pub use count::{BUCKETS, Counts};
pub use machine::{Action, Event, Now, Options, Scheduler, Wake};
pub use run::{About, Note, Outcome, RunId};
