//! The run plan: which processes `up` starts, in which order, with what.

mod model;
mod probe;

pub use model::*;
pub use probe::NotAProbe;
