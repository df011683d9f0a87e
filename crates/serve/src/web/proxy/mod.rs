//! What is asked of environments: handed on to those that run, and what wakes those that do not.
//!
//! ```text
//! runs                    forward, both ways, upgrades too; counts as use
//! a browser               Use, and a page that shows how far it is
//! another program         Use, and the request waits until it runs
//! a robot, a probe        503; nothing is woken
//! ```

mod answer;
mod client;
mod cookie;
mod forward;
mod header;
mod hold;
mod pass;
mod reserved;
mod robot;
mod upgrade;
mod usage;
mod wait;

pub use answer::answer;
pub use client::Client;
pub use pass::pass;
pub use upgrade::both;
pub use usage::{Usage, note_use};
