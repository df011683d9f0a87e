//! `boatyard image ...`

mod care;
mod inspect;
mod ls;
mod tag;
mod transfer;
mod words;

pub use words::run;
