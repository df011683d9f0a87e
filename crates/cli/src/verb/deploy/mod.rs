//! `boatyard deploy`: jobs first, then roll out, wait, undo on failure.

mod backed;
mod begin;
mod difference;
mod manifests;
mod pushed;
mod run;
mod told;
mod watch;

pub use backed::host;
pub use run::run;
