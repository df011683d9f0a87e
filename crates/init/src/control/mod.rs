//! What is asked of a running init by its control socket, and what it answers: HTTP, one request for each connection.
//!
//! ```text
//! GET /status            200, a Status as JSON
//! GET /status.txt        200, the same for people
//! GET /ready             200, or 503 while it starts or is being stopped
//! GET /alive             200
//! POST /signal/USR1      200: init does as if it had received USR1
//! ```

mod request;
mod status;

pub use request::{Progress, Request, read};
pub use status::{Service, State, Status};
