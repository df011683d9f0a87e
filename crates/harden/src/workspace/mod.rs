//! All files that are checked together, read once: rules that compare files see them all.
//!
//! ```text
//! Workspace::read(sources, paths, settings) -> documents: Dockerfile, script, YAML, project; sorted by path
//! ```

mod document;
mod files;
mod kind;

pub use document::{Content, Document};
pub(crate) use files::Known;
pub use files::{Source, Workspace};
pub use kind::{Kind, is_interesting, kind};
