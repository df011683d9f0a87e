//! Where environments are on this machine, whichever backend runs them: their sources, and our own command as child processes.
//!
//! ```text
//! STATE/environment/ID/source/      the commit as Git has it, without .git
//! STATE/environment/ID/stranger     its commit is not trusted: it is built in the home of strangers
//! STATE/mirror/DIGEST/              what was fetched of a repository
//! STATE/strangers/                  images, caches and volumes of what is not trusted, apart from all others
//! ```
//! The server never builds or runs anything in its own process. What builds dies with it (a leash, see the command).

mod call;
mod checkout;
pub(crate) mod child;
mod cleanup;
mod confined;
mod data;
mod deployed;
mod front;
pub(crate) mod git;
mod links;
mod mirror;
mod place;
mod snapshot;
mod surroundings;
mod tidy;
mod wishes;
mod words;

pub(crate) use call::{Built, Done, FILE, NO_LIMIT, check};
pub(crate) use data::{SETUP, There};
pub(crate) use front::front;
pub(crate) use place::{COPY, Site};
pub use place::{Origin, Origins, Settings};
