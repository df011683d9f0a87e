//! What becomes of the lines that the main process prints, and of what is sent to `/dev/log`.

mod format;
pub mod syslog;

pub use format::{Format, Origin, line};
