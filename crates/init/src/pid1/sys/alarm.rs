//! Waking up at a time of the clock on the wall, and when somebody sets that clock.

use std::ffi::c_void;
use std::io;
use std::mem;
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd, RawFd};
use std::ptr;

/// A timer on the clock on the wall (`timerfd_create(2)`).
pub struct Alarm(OwnedFd);

impl Alarm {
    /// A timer that is not set.
    pub fn new() -> io::Result<Self> {
        // SAFETY: two numbers.
        let fd = unsafe {
            libc::timerfd_create(libc::CLOCK_REALTIME, libc::TFD_CLOEXEC | libc::TFD_NONBLOCK)
        };
        if fd == -1 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the kernel has just given us this descriptor; nobody else has it.
        Ok(Self(unsafe { OwnedFd::from_raw_fd(fd) }))
    }

    /// Sets it to whole seconds since 1970; none: never. It also goes off when the clock is set.
    pub fn set(&self, second: Option<i64>) -> io::Result<()> {
        let never = libc::timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        let spec = libc::itimerspec {
            it_interval: never,
            it_value: libc::timespec {
                // Zero would be never; a time that has been goes off at once.
                tv_sec: second.map_or(0, |second| second.max(1)),
                tv_nsec: 0,
            },
        };
        let flags = libc::TFD_TIMER_ABSTIME | libc::TFD_TIMER_CANCEL_ON_SET;
        // SAFETY: the pointer is to a struct that we own; the old value is not wanted.
        match unsafe {
            libc::timerfd_settime(self.0.as_raw_fd(), flags, &raw const spec, ptr::null_mut())
        } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    }

    /// Takes note that it went off.
    pub fn clear(&self) {
        let mut count = 0_u64;
        // SAFETY: the pointer and the length are of one integer that we own. ECANCELED (the clock was set) is no failure.
        unsafe {
            libc::read(
                self.0.as_raw_fd(),
                ptr::from_mut(&mut count).cast::<c_void>(),
                mem::size_of::<u64>(),
            )
        };
    }

    /// To wait for.
    pub fn fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}
