//! The controlling terminal.

use std::os::fd::{AsRawFd as _, OwnedFd, RawFd};

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

    /// Puts a process group into the foreground if ours has it.
    pub fn hand_on_to(&self, group: i32) {
        if is_foreground(self.descriptor()) {
            self.give_to(group);
        }
    }

    /// Takes the foreground back from a group that is gone: whoever started us reads on.
    pub fn take_back_from(&self, group: i32) {
        // SAFETY: one number; a descriptor that is no terminal of ours is an error, -1.
        if unsafe { libc::tcgetpgrp(self.descriptor()) } == group {
            // SAFETY: takes nothing and cannot fail.
            self.give_to(unsafe { libc::getpgrp() });
        }
    }

    /// Puts a process group into the foreground. Fails silently: the terminal may be gone. The caller has TTOU
    /// blocked, or it would be stopped. For the child, between fork and exec: it does not allocate.
    pub fn give_to(&self, group: i32) {
        // SAFETY: two numbers; a bad one is an error.
        unsafe { libc::tcsetpgrp(self.descriptor(), group) };
    }

    /// Where it is read.
    pub fn descriptor(&self) -> RawFd {
        match &self.0 {
            Source::Stdin => 0,
            Source::Opened(fd) => fd.as_raw_fd(),
        }
    }
}

/// Gives up the controlling terminal, if standard input is it. Tells whether the kernel will send HUP and CONT for that,
/// as it does to the group of a session's leader.
pub fn give_up() -> bool {
    // SAFETY: a request without an argument; on anything but our controlling terminal it is an error.
    let gave_up = unsafe { libc::ioctl(0, libc::TIOCNOTTY) } == 0;
    // SAFETY: take a number or nothing and cannot fail for ourselves.
    gave_up && unsafe { libc::getsid(0) == libc::getpid() }
}

/// Makes standard input the controlling terminal of our new session, if it is a terminal. For the child, between fork
/// and exec: it does not allocate.
pub fn take_as_session() {
    // SAFETY: a request with a number; on anything but a terminal it is an error.
    unsafe { libc::ioctl(0, libc::TIOCSCTTY, 0) };
}

/// Whether standard input is a terminal.
pub fn is_standard_input() -> bool {
    // SAFETY: one number; a bad descriptor is an error, 0.
    unsafe { libc::isatty(0) == 1 }
}

fn is_foreground(fd: i32) -> bool {
    // SAFETY: one number; a descriptor that is no terminal of ours is an error, -1.
    let foreground = unsafe { libc::tcgetpgrp(fd) };
    // SAFETY: takes nothing and cannot fail.
    foreground != -1 && foreground == unsafe { libc::getpgrp() }
}
