//! The docker and the k8s form of an image, derived from one description.
//!
//! ```text
//! derive(Docker, configuration, facts, wishes) -> Derived { configuration, steps on top, changes and why, remarks }
//! derive(K8s, ...)
//! ```
//! Both have the layers of the image; the k8s form has one or two small ones more where the image lacks what it needs.

mod command;
mod derive;
mod fork;
mod k8s;
mod model;
mod names;
mod owner;
mod revision;

pub use derive::{LABEL, derive, places};
pub use fork::{Forms, fork};
pub use model::*;
pub use names::{names, stem};
pub use revision::{CREATED, Revision, said_by_git};
