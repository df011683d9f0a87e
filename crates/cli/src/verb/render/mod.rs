//! `boatyard render`: one file for each target.

mod compose;
mod digests;
mod dockerfile;
mod k8s;
mod kubefiles;
mod output;
mod quadlet;
mod run;
mod tag;

pub use digests::{named, read as digests};
pub use k8s::rendered;
pub use output::tell;
pub use run::run;
