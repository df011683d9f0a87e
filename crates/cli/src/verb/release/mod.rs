//! Images of Python releases: what the words ask for, and what is told of the result.

mod build;
mod error;
mod file;
mod grocker;
mod note;
mod words;

pub use build::{is_release, run};
pub use error::ReleaseWordsError;
pub use note::write as note;
pub use words::pip;
