//! The control socket: what init knows of a role that runs, for processes of the same user or root. Where containers of a pod
//! share their processes, PID 1 is not init, and a signal for it goes this way.

mod client;
mod place;
mod restart;
mod server;

pub use client::{alive, ready, signal, status};
pub use restart::restart;
pub use server::{Control, Told};
