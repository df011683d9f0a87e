//! The current folder.

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsRawFd as _, BorrowedFd, FromRawFd as _, OwnedFd};

/// The current folder, so that it can be gone back to under any name. Needs no right to read it (`O_PATH`).
pub fn current() -> io::Result<OwnedFd> {
    open(c".")
}

/// A folder, to start something in.
pub fn open(path: &CStr) -> io::Result<OwnedFd> {
    let flags = libc::O_PATH | libc::O_DIRECTORY | libc::O_CLOEXEC;
    // SAFETY: a string that ends in NUL, and flags.
    let fd = unsafe { libc::open(path.as_ptr(), flags) };
    if fd == -1 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the kernel has just given us this descriptor; nobody else has it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Goes to the root, so that no other file system is kept in use by us.
pub fn leave() {
    // SAFETY: a string that ends in NUL. A root that cannot be entered leaves us where we are.
    unsafe { libc::chdir(c"/".as_ptr()) };
}

/// Goes back to a folder.
pub fn enter(folder: BorrowedFd<'_>) {
    // SAFETY: one number.
    unsafe { libc::fchdir(folder.as_raw_fd()) };
}
