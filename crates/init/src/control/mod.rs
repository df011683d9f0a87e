//! What is asked of a running init by its control socket, and what it answers: HTTP, one request for each connection.
//!
//! ```text
//! GET /status            200, a Status as JSON
//! GET /status.txt        200, the same for people
//! GET /ready             200, or 503 while it starts or is being stopped
//! GET /alive             200
//! POST /signal/USR1      200: init does as if it had received USR1
//! POST /restart/NAME     200, a Begun as JSON: the service of that name is ended and started again; else why not
//! ```

mod request;
mod restart;
mod status;

pub use request::{Progress, Request, read};
pub use restart::{Begun, Outcome, Pace, Refused};
pub use status::{Service, State, Status};
