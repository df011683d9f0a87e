//! Environments that are made by kubefiles: manifests that a team brings itself, in the five modes that runboat has.
//!
//! ```text
//! prepare: deployment applied --> the job of initialize --> stop        start: start applied, one replica, waited for
//! stop:    no replica, stop applied, waited for                          remove: the job of cleanup, then all with its label
//! ```
//! What is known of an environment is on its Deployment: runboat's own annotations, and the server's record.

mod adopt;
mod built;
mod effect;
mod files;
mod prepare;
mod record;
mod running;

pub use adopt::Wanted;
pub(super) use built::Runs;
pub use files::{Kubefiles, KubefilesOf};
