//! How `boatyard-init` was called: its arguments as data.
//!
//! ```text
//! boatyard-init [-g] [--target WHO] [-r FROM:TO] [--grace SECS] start [ROLE] | job NAME | roles | shell | exec -- CMD... | CMD...
//! ```

mod flags;
mod help;
mod jobs;
mod misuse;
mod verb;
mod wait_for;

pub use flags::{Invocation, parse};
pub use help::HELP;
pub use jobs::{Jobs, Overlap};
pub use misuse::Misuse;
pub use verb::Verb;
pub use wait_for::WaitFor;
