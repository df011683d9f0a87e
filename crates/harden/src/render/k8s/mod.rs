//! Kubernetes manifests of a project.
//!
//! ```text
//! Project + Options --objects--> [Object] --one text for each--> Rendered
//! ```
//! What comes out is admitted where the restricted profile of the Pod Security Standards is enforced, and `boatyard check` finds
//! nothing in it.

mod image;
mod label;
mod name;
mod object;
mod options;
mod pod;
mod project;
mod role;
mod service;

pub use options::Options;
pub use project::render;
