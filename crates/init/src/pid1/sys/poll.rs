//! Waiting for several descriptors at once.

use std::ffi::c_int;
use std::io;
use std::os::fd::RawFd;
use std::time::Duration;

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum For {
    /// Something to read, or the end.
    Reading,
    /// Room to write.
    Writing,
}

/// Waits until one of them is ready, at most `timeout`. Tells for each whether it is; a descriptor in error is ready.
pub fn wait(descriptors: &[(RawFd, For)], timeout: Option<Duration>) -> io::Result<Vec<bool>> {
    let mut polls: Vec<libc::pollfd> = descriptors
        .iter()
        .map(|&(fd, what)| libc::pollfd {
            fd,
            events: match what {
                For::Reading => libc::POLLIN,
                For::Writing => libc::POLLOUT,
            },
            revents: 0,
        })
        .collect();
    wait_for(&mut polls, timeout)?;
    Ok(polls.iter().map(|poll| poll.revents != 0).collect())
}

/// An interruption is as if nothing were ready.
fn wait_for(polls: &mut [libc::pollfd], timeout: Option<Duration>) -> io::Result<()> {
    // Rounded up, so that the deadline is over after the wait.
    let millis = timeout.map_or(-1, |timeout| {
        c_int::try_from(timeout.as_nanos().div_ceil(1_000_000)).unwrap_or(c_int::MAX)
    });
    let count = libc::nfds_t::try_from(polls.len()).unwrap_or(0);
    // SAFETY: the pointer and the count are of one slice that we own.
    if unsafe { libc::poll(polls.as_mut_ptr(), count, millis) } == -1 {
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
        for poll in polls {
            poll.revents = 0;
        }
    }
    Ok(())
}
