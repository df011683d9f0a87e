//! `boatyard build` of a Dockerfile.
//!
//! ```text
//! words --words--> Request --engine::dockerfile--> image in the store --output--> files, registries
//!          '-context: a folder, a tar on standard input, a Git repository
//! ```

mod build;
mod check;
mod context;
mod error;
mod foreign;
mod ignore;
mod made;
mod output;
mod place;
mod provenance;
mod words;

pub use build::{given, is_asked, is_context, run};
pub use place::failure_in;
pub use words::labels;
