//! The run plan: which processes `up` starts, in which order, with what.

mod model;

pub use model::*;
