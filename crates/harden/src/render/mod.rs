//! Files made from a project, so that nothing has to be written twice: one module for each target.
//!
//! ```text
//! Project + k8s::Options     --k8s::render-----> Rendered { files: [File { path, text }], notes }
//! Project + compose::Options --compose::render-> one compose.yaml
//! Project + quadlet::Options --quadlet::render-> units of systemd
//! Project or a Dockerfile    --dockerfile------> a Dockerfile for other engines
//! ```
//! The same project and options give the same bytes. Values of secrets are never in them.

pub mod compose;
pub mod dockerfile;
mod file;
pub mod k8s;
mod name;
mod official;
mod places;
mod process;
pub mod quadlet;
pub mod yaml;

pub use file::{File, Note, Rendered};
