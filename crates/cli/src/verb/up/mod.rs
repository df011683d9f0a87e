//! `boatyard up`: here, or left running.

mod detached;
mod place;
mod session;

pub use place::run;
