//! `boatyard image ...`

mod attest;
mod diff;
pub mod digest;
mod expel;
mod fsck;
mod index;
mod inspect;
mod ls;
mod named;
mod progress;
pub mod prune;
mod rebase;
mod remote;
mod sbom;
mod tag;
mod tags;
mod transfer;
mod verify;
mod words;

pub use named::resolve;
pub use words::run;
