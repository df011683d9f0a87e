//! Shows events: what the engine tells while it works.
//!
//! ```text
//! engine threads --sink--> channel --> the reporter's thread --> a view: tree | plain | json | quiet
//! ```
//! A view gets every event in order and the time since the beginning, so that a script of events and a clock made of
//! numbers give exactly the same picture each time. Nothing here decides what is built.

pub mod amount;
mod clean;
mod failed;
mod json;
mod line;
mod log;
pub mod origin;
mod plain;
mod quiet;
mod reporter;
pub mod terminal;
#[cfg(test)]
mod tests;
mod text;
mod transfer;
mod tree;
mod view;
mod works;

pub use log::Roster;
pub use origin::{Origin, Origins};
pub use reporter::{Reporter, Sink};
pub use text::fold;
pub use transfer::transfer;
