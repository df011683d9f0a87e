//! `boatyard render`: one file for each target.

mod k8s;
mod output;
mod run;

pub use run::run;
