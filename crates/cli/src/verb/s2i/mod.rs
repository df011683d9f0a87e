//! `boatyard build` of an S2I repository.
//!
//! ```text
//! folder --source--> Source --plan::s2i--> base (BuildPlan) --> runtime, builder in the store
//!                                    '---> Dockerfile ------> image
//! ```

mod build;
mod error;
mod source;

pub use build::{is_asked, run};
