//! What an image has to prove by running, and whether it did.
//!
//! ```text
//! engine::verify --Observed--> judge(&Promised, &Observed) --> [Check { name, outcome, said }]
//! ```
//! The engine starts containers and looks at them; what that means is decided here.

mod judge;
mod model;
mod stop;

pub use judge::judge;
pub use model::{
    Application, Check, Identity, Observed, Orphan, Outcome, Promised, Reached, Started, Stopped,
};
