//! `boatyard deploy`: jobs first, then roll out, wait, undo on failure.

mod asked;
mod assigned;
mod backed;
mod begin;
mod brought;
mod builder;
mod difference;
mod heard;
mod manifests;
mod provision;
mod pushed;
mod run;
mod sources;
mod told;
mod watch;

pub use backed::host;
pub use run::run;
