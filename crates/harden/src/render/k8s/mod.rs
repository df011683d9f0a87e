//! Kubernetes manifests of a project.
//!
//! ```text
//! Project + Options --objects--> [Object] --plain, kustomize or helm--> Rendered
//! ```
//! What comes out is admitted where the restricted profile of the Pod Security Standards is enforced, and `boatyard check` finds
//! nothing in it.

mod account;
mod backing;
mod budget;
mod config;
mod container;
mod expose;
mod helm;
mod image;
mod job;
mod kustomize;
mod label;
mod name;
mod notes;
mod object;
mod options;
mod pod;
mod policy;
mod probe;
mod project;
mod resources;
mod right;
mod role;
mod route;
mod schedule;
mod service;
mod values;
mod volume;

pub use backing::Wanted;
pub use options::{Form, Options, Platform};
pub use project::{render, secrets};
