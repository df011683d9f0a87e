//! The controlling terminal.

use std::os::fd::{AsRawFd as _, OwnedFd};

/// A terminal whose foreground is our process group.
pub struct Terminal(Source);

enum Source {
    Stdin,
    Opened(OwnedFd),
}

impl Terminal {
    /// Standard input, else `/dev/tty`, if it is a terminal and our process group is in its foreground. A terminal
    /// whose foreground is somebody else's is not ours to give away.
    pub fn in_our_foreground() -> Option<Self> {
        if is_foreground(0) {
            return Some(Self(Source::Stdin));
        }
        let opened = std::fs::OpenOptions::new()
            .read(true)
            .write(true)
            .open("/dev/tty");
        let opened = OwnedFd::from(opened.ok()?);
        is_foreground(opened.as_raw_fd()).then_some(Self(Source::Opened(opened)))
    }

    /// Puts a process group into the foreground. Fails silently: the terminal may be gone. The caller has TTOU
    /// blocked, or it would be stopped. For the child, between fork and exec: it does not allocate.
    pub fn give_to(&self, group: i32) {
        let fd = match &self.0 {
            Source::Stdin => 0,
            Source::Opened(fd) => fd.as_raw_fd(),
        };
        // SAFETY: two numbers; a bad one is an error.
        unsafe { libc::tcsetpgrp(fd, group) };
    }
}

fn is_foreground(fd: i32) -> bool {
    // SAFETY: one number; a descriptor that is no terminal of ours is an error, -1.
    let foreground = unsafe { libc::tcgetpgrp(fd) };
    // SAFETY: takes nothing and cannot fail.
    foreground != -1 && foreground == unsafe { libc::getpgrp() }
}
