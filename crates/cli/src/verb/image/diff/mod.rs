//! `boatyard image diff A B`

mod config;
mod files;
mod show;

pub use show::run;
