//! A migration plan: what has to change in a repository, in which order, what a machine does of it and what a person decides.
//!
//! ```text
//! Workspace --items--> what is open now --with(&progress)--> Plan --markdown / json-->
//!                        progress: the plan of the last run, read back from its own Markdown
//! ```
//! The plan is its own memory. Each line ends in a comment with a name that stays the same while lines of files move, so the
//! next run knows which of them were there: what is no longer found is done, and stays listed.

mod item;
mod markdown;
mod phase;
mod progress;

pub use item::{How, Item};
pub use phase::Phase;
pub use progress::{Plan, Progress, is_plan, plan, read};
