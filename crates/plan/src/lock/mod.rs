//! `boatyard.lock`: which bytes the names of bases stood for, so that they stand for the same ones next time.
//!
//! ```toml
//! version = 1
//!
//! [[base]]
//! reference = "python:3.12-slim"
//! platform = "linux/amd64"
//! digest = "sha256:..."           # of the image's manifest
//!
//! [[base]]
//! reference = "debian:bookworm"   # made from Debian's packages
//! platform = "linux/amd64"
//! indexes = "sha256:..."          # of the package indexes
//! date = "2026-11-20T08:14:03Z"   # of the newest of them
//! ```
//! Sorted by reference and platform: the same bases give the same bytes.

mod base;
mod file;
mod policy;

pub use base::{Base, Lock, Pin};
pub use file::LockFileError;
pub use policy::{LockError, Policy};
