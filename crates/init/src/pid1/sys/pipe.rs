//! Pipes.

use std::ffi::c_void;
use std::io;
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd, RawFd};

use boatyard_init::environment::Identity;

/// A pipe: the end to read from and the end to write to, both closed on exec.
pub fn new() -> io::Result<(OwnedFd, OwnedFd)> {
    let mut ends = [0; 2];
    // SAFETY: the pointer is to two integers that we own.
    if unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) } == -1 {
        return Err(io::Error::last_os_error());
    }
    let [reader, writer] = ends;
    // SAFETY: the kernel has just given us both descriptors; nobody else has them.
    unsafe { Ok((OwnedFd::from_raw_fd(reader), OwnedFd::from_raw_fd(writer))) }
}

/// Makes reading from our end of a pipe never wait. The other end is not affected.
pub fn never_wait(end: &OwnedFd) -> io::Result<()> {
    // SAFETY: numbers; a pipe has no other status flags that this could clear.
    if unsafe { libc::fcntl(end.as_raw_fd(), libc::F_SETFL, libc::O_NONBLOCK) } == -1 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// Makes writing wait again, to the end of the file, for what was opened without waiting.
pub fn may_wait(end: &OwnedFd) -> io::Result<()> {
    // SAFETY: numbers.
    if unsafe { libc::fcntl(end.as_raw_fd(), libc::F_SETFL, libc::O_APPEND) } == -1 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// Makes an end another user's, who may then open it once more by a name such as `/dev/stdout`. If that is refused it stays
/// ours, and only that does not work.
pub fn give_to(end: &OwnedFd, identity: Identity) {
    // SAFETY: numbers.
    unsafe { libc::fchown(end.as_raw_fd(), identity.uid, identity.gid) };
}

/// A descriptor that is at its end at once, for who should read nothing. Needs no `/dev/null`.
pub fn empty() -> io::Result<OwnedFd> {
    let (reader, _) = new()?;
    Ok(reader)
}

/// The same file under a number from `lowest` on, closed on exec: out of the way of numbers that a child gets.
pub fn lifted(fd: &OwnedFd, lowest: RawFd) -> io::Result<OwnedFd> {
    // SAFETY: numbers.
    let lifted = unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_DUPFD_CLOEXEC, lowest) };
    if lifted == -1 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the kernel has just given us this descriptor; nobody else has it.
    Ok(unsafe { OwnedFd::from_raw_fd(lifted) })
}

/// Reads what is there, at most the buffer's length. `None`: nothing now; `Some(0)`: the end, or an error that is one.
pub fn read(fd: &OwnedFd, buffer: &mut [u8]) -> Option<usize> {
    // SAFETY: the pointer and the length are of one slice that we own.
    let bytes = unsafe {
        libc::read(
            fd.as_raw_fd(),
            buffer.as_mut_ptr().cast::<c_void>(),
            buffer.len(),
        )
    };
    match usize::try_from(bytes) {
        Ok(count) => Some(count),
        Err(_) => match io::Error::last_os_error().kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted => None,
            _ => Some(0),
        },
    }
}
