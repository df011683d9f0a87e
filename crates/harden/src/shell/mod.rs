//! The shell language, as far as start scripts and `RUN` lines need it: commands with their places in the file.
//!
//! ```text
//! parse(&Joined) -> Script { items: [cd /app && exec gunicorn app], comments, mistakes }
//! ```
//! It reads what POSIX shells and bash read, keeps comments, and never gives up on a file: what it cannot read is a mistake
//! at its place, and it goes on with the next line. It decides what commands there are, not what they do.

mod compound;
mod expansion;
mod joined;
mod model;
mod parse;
mod walk;
mod word;

pub use joined::Joined;
pub use model::{
    AndOr, Arm, Assignment, Command, Item, Link, List, Mistake, Pipeline, Redirect, Script, Simple,
    Variable, Word,
};
pub use parse::parse;
pub use walk::{Context, simples};
