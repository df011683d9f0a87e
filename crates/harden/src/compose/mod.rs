//! What a Compose file says, taken into a project: `boatyard new --from compose.yaml`.
//!
//! ```text
//! carry("compose.yaml", text, "shop") -> Composed { recipe, roles, jobs, backings, env, left: [file:line:column, what, why] }
//!                                           '--plan::detect::draft--> boatyard.toml
//! ```
//! Whatever is not carried over is in `left` with its place. What `include`, `extends` and `env_file` name is read, if it is in the
//! project; of a `.env` the names are told.

mod backing;
mod carry;
mod elsewhere;
mod environment;
mod health;
mod interpolate;
mod kind;
mod merge;
mod named;
mod network;
mod order;
mod reader;
mod recipe;
mod service;
mod top;
mod variable_file;
mod words;

pub use carry::{Unreadable, carry, wanted};
pub use named::{Named, What, file, named, named_in};
pub(crate) use reader::pairs;
