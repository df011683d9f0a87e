//! The server as a whole: put together, started, reloaded, ended.

mod error;
mod origins;
mod plain;
mod run;
mod said;
mod secret;

pub use error::ServeError;
pub use run::{Start, run};
pub use said::{Said, Say};
