//! YAML that is written anew: values in order, with comments.
//!
//! ```text
//! let map = Map::new().set("kind", "Service").because("why", "port", 80);
//! write(&map, Form::Plain)  ->  "kind: Service\n# why\nport: 80\n"
//! ```
//! What is written reads back as the same values, whatever their texts are: see [`scalar`].

pub mod scalar;
mod tree;
mod write;

pub use tree::{Entry, Map, Scalar, Tree};
pub use write::{Form, write};
