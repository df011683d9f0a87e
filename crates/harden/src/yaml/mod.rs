//! YAML with places, and edits that change nothing else.
//!
//! ```text
//! read(text) -> [Document { root: Node { span, value } }], mistakes
//! document.root.get("spec") -> Node                     aliases and merge keys are followed, and remembered
//! edit::insert(file, text, &node, "key", &Fresh) -> Edit    in the style and indentation of what is there
//! ```
//! Each document of a stream is read for itself, so that one with a mistake does not hide the others.

mod bracket;
pub mod edit;
mod fresh;
mod node;
mod read;
mod scalar;
mod written;

pub use fresh::Fresh;
pub use node::{Document, Entry, Node, Style, Value};
pub use read::read;
pub use written::written;
