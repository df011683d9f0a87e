//! Files made from a project, so that nothing has to be written twice: one module for each target.
//!
//! ```text
//! Project + k8s::Options --k8s::render--> Rendered { files: [File { path, text }], notes }
//! ```
//! The same project and options give the same bytes. Values of secrets are never in them.

mod file;
pub mod k8s;
pub mod yaml;

pub use file::{File, Note, Rendered};
