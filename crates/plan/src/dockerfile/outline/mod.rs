//! What a Dockerfile can build, and what a build of it can be told: `--call targets` and `--call outline`.
//!
//! ```text
//! # VERSION of the server          outline: VERSION, 1.2, "of the server"
//! ARG VERSION=1.2
//! # server what customers get      targets: server (default), "what customers get"
//! FROM debian:bookworm AS server
//! ```
//! The JSON forms are `BuildKit`'s (`frontend/subrequests` there), without the text of the Dockerfile.

mod argument;
mod comment;
mod place;
mod subject;
mod target;

pub use argument::Argument;
pub use place::Place;
pub use subject::{Outline, Shown, outline};
pub use target::{Target, Targets, targets};
