//! Dockerfiles for other engines: of a project, or the form for Kubernetes of a Dockerfile.
//!
//! ```text
//! project(&Project, services)  --build plan, step by step--> Dockerfile with a stage for each service
//! k8s(text)                    --edits of the original-----> the same Dockerfile: exec form, numeric user, boatyard-init
//! ```
//! The init is copied from a build context called [`CONTEXT`]: `--build-context boatyard-init=DIR`.

mod init;
mod k8s;
mod project;
mod python;
mod quote;
mod refused;

pub use k8s::k8s;
pub use project::project;
pub use refused::Refused;

/// The build context that has the file `boatyard-init`.
pub const CONTEXT: &str = "boatyard-init";
