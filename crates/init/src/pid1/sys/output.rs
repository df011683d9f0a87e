//! Writing to file descriptors that may be closed, full, or without a reader.

use std::ffi::c_void;
use std::io;

/// Writes what can be written without waiting; the rest is dropped.
pub fn write_now(fd: i32, bytes: &[u8]) {
    let mut poll = libc::pollfd {
        fd,
        events: libc::POLLOUT,
        revents: 0,
    };
    // SAFETY: one pollfd that we own, and its count.
    let ready = unsafe { libc::poll(&raw mut poll, 1, 0) };
    if ready == 1 && poll.revents & libc::POLLOUT != 0 {
        // SAFETY: the pointer and the length are of one slice. PIPE is blocked, so a missing reader is only an error.
        unsafe { libc::write(fd, bytes.as_ptr().cast::<c_void>(), bytes.len()) };
    }
}

/// Writes all, waiting as long as it takes, and tells whether it succeeded.
pub fn write_all(fd: i32, mut bytes: &[u8]) -> bool {
    while !bytes.is_empty() {
        // SAFETY: the pointer and the length are of one slice.
        let written = unsafe { libc::write(fd, bytes.as_ptr().cast::<c_void>(), bytes.len()) };
        match usize::try_from(written) {
            Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
            Err(_) if io::Error::last_os_error().kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return false,
        }
    }
    true
}
