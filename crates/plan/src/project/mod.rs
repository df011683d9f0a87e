//! The project file: what the user describes.

mod model;

pub use model::*;
