//! Findings for programs: one format per file, each a text.

mod entry;
mod github;
mod gitlab;
mod json;
mod junit;
mod sarif;

pub use entry::{Entry, entries, page_of};
pub use github::github;
pub use gitlab::gitlab;
pub use json::json;
pub use junit::junit;
pub use sarif::sarif;
