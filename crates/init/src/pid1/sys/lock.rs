//! Locks of files (flock(2)).

use std::fs::File;
use std::os::fd::{AsRawFd as _, RawFd};

/// Takes the lock of a file if nobody else has it. It lasts as long as the file is open, in us or in who inherits it.
pub fn try_take(file: &File) -> bool {
    // SAFETY: numbers.
    unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_EX | libc::LOCK_NB) == 0 }
}

/// Takes the lock of an inherited descriptor, however long that takes; any signal that is not blocked ends us.
pub fn take(descriptor: RawFd) -> bool {
    super::signals::Inherited::clean();
    // SAFETY: numbers; a descriptor that is none is an error.
    unsafe { libc::flock(descriptor, libc::LOCK_EX) == 0 }
}
