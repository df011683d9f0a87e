//! The clock for deadlines.

use std::time::Duration;

/// Time since the machine started, counting sleep (`CLOCK_BOOTTIME`): the grace of a stop is the world's time.
pub fn now() -> Duration {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the pointer is to a timespec that we own. The clock exists since Linux 2.6.39, so this cannot fail.
    unsafe { libc::clock_gettime(libc::CLOCK_BOOTTIME, &raw mut time) };
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or(0),
        u32::try_from(time.tv_nsec).unwrap_or(0),
    )
}
