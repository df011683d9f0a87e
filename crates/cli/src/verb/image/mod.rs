//! `boatyard image ...`

mod fsck;
mod inspect;
mod ls;
pub mod prune;
mod tag;
mod transfer;
mod words;

pub use words::run;
