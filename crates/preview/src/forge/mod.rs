//! What forges send: who it is from is checked, then it becomes [`News`](crate::news::News).
//!
//! ```text
//! Hook (forge, headers, body)  --deliver-->  Delivery (id, news, repositories to list again)
//!                                            Trouble  (the status of the answer, and what to do)
//! ```
//! A payload says how things were when it was sent, and payloads overtake each other. So each is taken as a fast first word, and
//! the repository is asked again soon after: the last word is always the forge's own list.

mod command;
mod delivery;
mod form;
mod generic;
mod gitea;
mod github;
mod gitlab;
mod headers;
mod listing;
mod merge_request;
mod payload;
mod pipeline;
mod pull_request;
mod signature;
mod trouble;
mod word;

pub use command::Command;
pub use delivery::{Delivery, Hook, deliver};
pub use headers::Headers;
pub use listing::doubtful;
pub use pipeline::Pipeline;
pub use pull_request::{PullRequest, is_draft_title};
pub use signature::sign;
pub use trouble::Trouble;
pub use word::{is_branch, is_commit};
