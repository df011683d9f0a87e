//! Environments on this machine: clones, and our own command as child processes.
//!
//! ```text
//! Order -> Local -> lane of the environment -> clone, boatyard up, boatyard down -> Told
//! STATE/environment/ID/source/      the commit as Git has it, without .git
//! STATE/environment/ID/stranger     its commit is not trusted: it lives in the home of strangers
//! STATE/mirror/DIGEST/              what was fetched of a repository
//! STATE/strangers/                  images, caches and volumes of what is not trusted, apart from all others
//! ```
//! The server never builds or runs anything in its own process. What prepares dies with it (a leash, see the command); what
//! runs goes on and is found again.

mod backend;
mod checkout;
mod child;
mod data;
mod git;
mod lane;
mod outcome;
mod prepare;
mod running;
mod site;
mod stop;
mod surroundings;
mod sweep;
mod wishes;
mod words;

pub use backend::Local;
pub use site::{Origin, Origins, Settings};
