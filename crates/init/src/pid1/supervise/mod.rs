//! Runs several services: a thin layer over `boatyard_init::supervise`.

mod ask;
mod child;
mod harvest;
mod output;
mod run;
mod socket;

pub use ask::ask;
pub use run::{AfterStart, Wanted, run};
