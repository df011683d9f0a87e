//! The life of the main process, from its start to the exit of init: what to do at each event.
//!
//! ```text
//! Running --TERM--> Stopping --(grace over: KILL)--> Stopping
//!    \_____main ends____/
//!             v
//!          Ended --nobody left--> exit
//!             |
//!       others are left: TERM, CONT
//!             v
//!          Leaving --(grace over: KILL)--> Killing --> exit
//! ```

mod event;
mod machine;
mod policy;

pub use event::{Action, Event, Recipient};
pub use machine::{LEFTOVER_GRACE, Life};
pub use policy::{Farewell, Policy, Rewrite, Success, Suspension};
