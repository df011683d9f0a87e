//! Ports of pods, here.
//!
//! ```text
//! a connection to the port here --> a pod that is ready, at that moment --> its port, by way of the API server
//! ```
//!
//! Each connection finds its own pod: where one went, the next connection leads to another. What a connection is carried by is kube's
//! `portforward`, one for each.

mod carry;
mod error;
mod listen;
mod port;

pub use error::Error;
pub use listen::{Told, Wish, forward, to};
pub use port::{Port, Wrong};
