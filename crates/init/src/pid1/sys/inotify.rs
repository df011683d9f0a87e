//! Being told that something in a folder has changed (`inotify(7)`).

use std::ffi::{CString, c_void};
use std::io;
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// A watch on one folder.
pub struct Inotify(OwnedFd);

impl Inotify {
    /// Watches the entries of a folder: written and closed, made, renamed, removed.
    pub fn folder(path: &Path) -> io::Result<Self> {
        let path = CString::new(path.as_os_str().as_bytes())?;
        // SAFETY: one number.
        let fd = unsafe { libc::inotify_init1(libc::IN_CLOEXEC | libc::IN_NONBLOCK) };
        if fd == -1 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the kernel has just given us this descriptor; nobody else has it.
        let inotify = Self(unsafe { OwnedFd::from_raw_fd(fd) });
        let events = libc::IN_CLOSE_WRITE
            | libc::IN_CREATE
            | libc::IN_MOVED_TO
            | libc::IN_MOVED_FROM
            | libc::IN_DELETE;
        // SAFETY: the path ends in NUL.
        if unsafe { libc::inotify_add_watch(inotify.fd(), path.as_ptr(), events) } == -1 {
            return Err(io::Error::last_os_error());
        }
        Ok(inotify)
    }

    /// Takes note of what has happened; what it was does not matter.
    pub fn clear(&self) {
        let mut buffer = [0_u8; 4096];
        // SAFETY: the pointer and the length are of one array that we own. The descriptor does not block.
        while unsafe {
            libc::read(
                self.fd(),
                buffer.as_mut_ptr().cast::<c_void>(),
                buffer.len(),
            )
        } > 0
        {}
    }

    /// To wait for.
    pub fn fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}
