//! A Compose file that behaves as `boatyard up` does.
//!
//! ```text
//! Project + Options --run::plan--> processes, each a service --> compose.yaml
//! ```
//! What differs from `up`: backing services are images that anybody can pull, and each service has a network address of its own.

mod backing;
mod project;
mod rights;
mod service;

pub use project::{Options, render};
