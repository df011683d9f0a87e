//! Reading boatyard.toml: text, then tables with places, then a [`Project`](crate::project::Project), then what its
//! parts say about each other. Each stage notes mistakes and goes on.

mod base;
mod check;
mod deploy;
mod document;
mod findings;
mod image;
mod places;
mod process;
mod python;
mod quantity;
mod release;
mod repository;
mod schedule;
mod section;
mod shell;
mod stop;
mod suggest;
mod supervise;
mod words;

pub use document::parse;
pub(crate) use suggest::{nearest, suggestion};
pub use words::is_signal;
