//! Runs the jobs of a crontab: a thin layer over `boatyard_init::cron`.

mod answer;
mod harvest;
mod job;
mod log;
mod reload;
mod run;
mod source;
mod start;

pub use start::{as_supercronic, run};
