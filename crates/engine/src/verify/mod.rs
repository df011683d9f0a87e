//! Runs an image and looks at what it does; what that means is decided in `boatyard_plan::verify`.
//!
//! ```text
//! start as it is -> at rest? -> who runs -> leave an orphan -> STOP the application, signal PID 1, what is pending? -> CONT -> end
//! start with a read-only root -> at rest?
//! start as another user -> at rest?
//! ```
//! Everything is seen from outside, in /proc: an image without a shell is asked like any other.

mod process;
mod rest;
mod signal;
mod trial;

pub use trial::{Trial, observe};
