//! One environment for every branch and pull request.
//!
//! PURE: the core of `boatyard serve`; the crate `serve` puts forges, backends and the web around it.
//!
//! ```text
//! News                           --hear----> Wanted       what forges say
//! Policy  Inventory  Wanted  now --decide--> Decisions    what is done, and why
//! Environment  Event         now --step-----> Environment, Effects
//! ```
//! Decisions become events, effects are carried out by a backend, and what comes of them is an event again. Effects may be
//! repeated: who is killed between an event and its effect asks [`resume`] for the effects that are still due.

pub mod approval;
pub mod config;
pub mod decide;
pub mod environment;
pub mod forge;
pub mod glob;
pub mod id;
pub mod images;
pub mod inventory;
pub mod news;
pub mod phase;
pub mod policy;
pub mod report;
pub mod revision;
pub mod snapshot;
mod step;
pub mod time;
pub mod wanted;
pub mod watch;

pub use decide::decide;
pub use step::{Next, Refused, resume, step};
