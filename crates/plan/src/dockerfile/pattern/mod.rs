//! Patterns for paths, as in `.dockerignore`, `COPY --exclude` and the sources of `COPY`.
//!
//! ```text
//! *        any characters but /         [a-z^]  one of these      \*  the character itself
//! ?        one character but /          [^a-z]  one of the others
//! **/x     x in any folder              x/**    all below x       (neither in sources of COPY)
//! ```
//! Sources: Go's `filepath.Match`; for `**` the Dockerfile reference, ".dockerignore file", and moby/patternmatcher.

mod list;
mod parse;
mod run;
mod walk;

pub use list::Patterns;
pub use parse::{BadPattern, Pattern};
pub use walk::Within;
