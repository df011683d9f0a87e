//! The environment of the application: what is given, what is added, what scripts change.

mod map;

pub use map::Environment;
