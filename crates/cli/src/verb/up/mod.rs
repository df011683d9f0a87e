//! `boatyard up`: build, then run.
//!
//! ```text
//! up       this process builds, is the session, and shows it until Ctrl-C
//! up -d    this process starts another one behind it, which does all that, shows its events until everything is
//!          ready, and returns
//! ```

mod behind;
mod errand;
mod front;

pub use errand::run;
