//! The build plan: stages, steps and images, and why each exists.

mod model;

pub use model::*;
