//! The system calls: the only module with `unsafe`.
#![expect(
    unsafe_code,
    reason = "system calls that the standard library does not wrap, or wraps with a behaviour of its own"
)]

pub mod alarm;
pub mod clock;
pub mod descriptor;
mod entry;
pub mod folder;
pub mod fork;
pub mod inotify;
pub mod lock;
pub mod memory;
pub mod output;
pub mod peer;
pub mod pipe;
pub mod poll;
pub mod process;
pub mod signals;
pub mod terminal;
pub mod words;
