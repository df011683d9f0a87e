//! Kubernetes objects as rules see them.

mod container;
mod field;
mod object;
mod workload;

pub use container::{Container, duration_secs, literal_env};
pub use field::{CONTAINER, NESTED, POD, PROBE, SECURITY};
pub use object::{Object, labels, objects, selects};
pub use workload::{Workload, workloads};
