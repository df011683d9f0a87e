//! What becomes of the lines that the main process prints.

mod format;

pub use format::{Format, Origin, line};
