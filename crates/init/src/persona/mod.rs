//! Under which name init was called, and what that program would have done.
//!
//! ```text
//! /sbin/docker-init -> /usr/bin/boatyard-init     called as "docker-init": flags, variables and messages of tini
//! ```
//! A file that is swapped for ours keeps its meaning; `docs/reference/init.md` lists where ours differs and why.

mod catatonit;
mod dumb_init;
mod getopt;
mod name;
mod request;
mod tini;
mod voice;
mod words;

pub use name::Persona;
pub use request::{Conduct, Place, Request, Said, Stream, Subreaper};
pub use voice::{Moment, Voice};
pub use words::of_signal as words_of_signal;
