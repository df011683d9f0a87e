//! What a Compose file says, taken into a project: `boatyard new --from compose.yaml`.
//!
//! ```text
//! carry("compose.yaml", text, "shop") -> Composed { recipe, roles, jobs, backings, env, left: [file:line:column, what, why] }
//!                                           '--plan::detect::draft--> boatyard.toml
//! ```
//! Whatever is not carried over is in `left` with its place. Only one file is read: what `include`, `extends`, `env_file` and
//! `.env` bring is told, not guessed.

mod backing;
mod carry;
mod environment;
mod health;
mod interpolate;
mod kind;
mod network;
mod order;
mod reader;
mod recipe;
mod service;
mod top;
mod words;

pub use carry::{Unreadable, carry};
