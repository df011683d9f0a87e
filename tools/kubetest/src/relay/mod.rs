//! A way to the API server on which calls fail and watches go wrong as it is told. What passes is the server's own.
//!
//! ```text
//! call --> its fate --> the API server --> answer, or what a watch tells, line by line
//!             '--> a status, or nothing, before or after it is done
//! ```

mod call;
mod fault;
mod told;
mod way;

pub use fault::{End, Fault};
pub use way::Relay;
