//! The server as a whole: put together, started, reloaded, ended.

mod builds;
mod environments;
mod error;
mod file;
mod ground;
mod held;
mod hosts;
mod lead;
mod led;
mod operator;
mod outside;
mod pipelines;
mod run;
mod said;
mod shelf;
mod signals;
mod standby;

pub use error::ServeError;
pub use operator::Operator;
pub use run::{Start, run};
pub use said::{Said, Say};
