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

pub use digests::{named, parse as said, read as digests, within as digests_within};
pub use k8s::rendered;
pub use output::tell;
pub use run::run;
