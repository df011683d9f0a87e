//! The kernel's calls that need `unsafe`, each behind a function that is safe to call.

pub(crate) mod mount;
pub(crate) mod namespace;
pub(crate) mod network;
pub(crate) mod process;
pub(crate) mod seccomp;
pub(crate) mod signal;
pub(crate) mod trace;
