//! Files that are in memory alone, so that no folder has to be writable.

use std::ffi::CStr;
use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::{FromRawFd as _, OwnedFd};

/// Keeps bytes in a file of this name (`memfd_create(2)`, Linux 3.17) for as long as the value lives. Others of this user see
/// it in `/proc/PID/fd`; children do not get it.
pub fn keep(name: &CStr, bytes: &[u8]) -> io::Result<OwnedFd> {
    // SAFETY: the pointer is to a C string that lives during the call.
    let fd = unsafe { libc::memfd_create(name.as_ptr(), libc::MFD_CLOEXEC) };
    if fd == -1 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the kernel has just given us this descriptor; nobody else has it.
    let mut file = unsafe { File::from_raw_fd(fd) };
    file.write_all(bytes)?;
    Ok(file.into())
}
