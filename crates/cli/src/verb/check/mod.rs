//! `boatyard check`: finds files, has them checked, tells and mends.

mod diff;
mod error;
mod explain;
mod find;
pub mod image;
mod plan;
mod run;
mod text;
mod write;

pub use run::run;
