//! `boatyard-init`: the first process of a container.
//!
//! There is no `fn main`: the standard library's would ignore SIGPIPE, and every process of the container would
//! inherit that. The C entry point is in `pid1/sys/entry.rs`; what it does first is block signals, since the kernel
//! drops those that reach a PID 1 that neither blocks nor handles them.

#![no_main]

mod pid1;
