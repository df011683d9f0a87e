//! The rules: one file each, named by its id. `D` is about Dockerfiles, `S` about start scripts, `M` about manifests, `C` about
//! Compose files, `X` about files that do not fit together, `P` about what is checked itself.

mod catalogue;
mod command;
mod d01;
mod d02;
mod d05;
mod d10;
mod d11;
mod d12;
mod d13;
mod own;

pub use catalogue::{ALL, Fixing, Rule, named};
pub use own::{IGNORES_NOTHING, NOT_AN_IGNORE, UNREADABLE};
