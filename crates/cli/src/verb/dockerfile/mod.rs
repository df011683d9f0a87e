//! `boatyard build` of a Dockerfile.
//!
//! ```text
//! words --words--> Request --engine::dockerfile--> image in the store --output--> files, registries
//!          '-context: a folder, a tar on standard input, a Git repository
//! ```

mod bare;
mod build;
mod call;
mod check;
mod context;
mod error;
mod foreign;
mod handover;
mod ignore;
mod made;
mod output;
mod place;
mod provenance;
mod refused;
mod words;

pub use bare::open as bare;
pub use build::{execute, given, is_asked, is_context, request, run};
pub use context::{Context, Kind, kind};
pub use handover::refuse;
pub use made::Made;
pub use place::failure_in;
pub use provenance::add as describe;
pub use words::labels;
