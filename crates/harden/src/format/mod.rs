//! Findings for programs: one format per file, each a text.

mod entry;
mod json;

pub use entry::{Entry, entries, page_of};
pub use json::json;
