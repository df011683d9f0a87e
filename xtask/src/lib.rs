//! The tidy test: invariants of the code base, held by a machine.
//!
//! ```text
//! files of the checkout --tree::Tree--> rule::*::check --> findings
//! cargo metadata --graph::Graph--> rule::dependency::check --'
//! ```
//! A rule is one file: a pure function from what there is to what is wrong, with cases for both beside it.

pub mod exception;
pub mod excerpt;
pub mod finding;
pub mod graph;
pub mod hung;
pub mod picture;
pub mod rule;
pub mod test;
pub mod tidy;
pub mod tree;
