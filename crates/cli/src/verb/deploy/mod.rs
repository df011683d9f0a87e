//! `boatyard deploy`: jobs first, then roll out, wait, undo on failure.

mod difference;
mod manifests;
mod pushed;
mod run;
mod told;
mod watch;

pub use run::run;
