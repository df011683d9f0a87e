//! The forges: asked what is open, told how environments are.
//!
//! ```text
//! Watchers --list, ask--> Source (API or Git) --> News --> Keeper     at the start, now and then, and soon after each hook
//! Keeper --what is there--> Reporter --status, comment--> forge       until the forge has been told what is
//! ```
//! Only positive words become news: what is not in a list is asked for by itself, and an error says nothing.

mod answer;
mod api;
mod authority;
mod commander;
mod due;
mod failure;
mod git;
mod listed;
mod pause;
mod reporter;
mod secret;
mod source;
mod state;
mod watcher;

pub use api::Reaction;
pub(crate) use api::agent::agent;
pub use authority::AuthorityError;
pub use commander::Commander;
pub use failure::ForgeError;
pub use listed::{Listed, Said};
pub use reporter::{Reporter, Rhythm};
pub use secret::{SecretError, Secrets};
pub use source::{Answers, Source};
pub use state::State;
pub use watcher::{Pace, Watchers};
