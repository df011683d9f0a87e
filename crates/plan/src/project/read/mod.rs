//! Reading boatyard.toml: text, then tables with places, then a [`Project`](crate::project::Project), then what its
//! parts say about each other. Each stage notes mistakes and goes on.

mod base;
mod check;
mod deploy;
mod document;
mod image;
mod preview;
mod process;
mod python;
mod quantity;
mod release;
mod repository;
mod schedule;
mod shell;
mod stop;
mod supervise;
mod words;

pub use document::parse;
pub use words::is_signal;
