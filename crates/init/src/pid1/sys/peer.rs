//! Who is at the other end of a socket file.

use std::ffi::c_void;
use std::mem;
use std::os::fd::{AsRawFd as _, BorrowedFd};

/// The process at the other end, as it was when it connected or listened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its process id in our namespace; 0 if it is in none that we see.
    pub pid: i32,
    /// The user that it acts as.
    pub uid: u32,
}

impl Peer {
    /// Asks the kernel (`SO_PEERCRED`, see unix(7)).
    pub fn of(socket: BorrowedFd<'_>) -> Option<Self> {
        let mut found = libc::ucred {
            pid: 0,
            uid: u32::MAX,
            gid: u32::MAX,
        };
        let mut length = libc::socklen_t::try_from(mem::size_of_val(&found)).ok()?;
        // SAFETY: the pointer and the length are of one struct that we own.
        let result = unsafe {
            libc::getsockopt(
                socket.as_raw_fd(),
                libc::SOL_SOCKET,
                libc::SO_PEERCRED,
                (&raw mut found).cast::<c_void>(),
                &raw mut length,
            )
        };
        (result == 0).then_some(Self {
            pid: found.pid,
            uid: found.uid,
        })
    }
}
