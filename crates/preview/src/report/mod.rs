//! What a forge is told of an environment. A pure function of what is there: whoever was away tells the last of it, and no more.
//!
//! ```text
//! Environment, place in the queue, Links --status-->  Status    on the commit, under the name that --contexts--> gives it
//! environments of a pull request         --comment--> Comment   one, which is changed and never followed by another
//! ```
//! Each has a key: a report whose key is the one last told is not told again. So that nobody drowns in them, going to sleep and
//! waking up, or a step forward in the queue, changes no key. (A forge takes 1,000 statuses for a commit, GitHub says.)

mod comment;
mod context;
mod deployment;
mod excerpt;
mod links;
mod status;

pub use comment::{Comment, MARK, comment, gone};
pub(crate) use context::CONTEXT;
pub use context::contexts;
pub use deployment::{Deployment, Stage, deployment, environment, is_deployed};
pub use excerpt::{LINES, excerpt};
pub use links::Links;
pub use status::{End, Seen, State, Status, last_status, status};
