//! File descriptors that init inherited.

use std::os::fd::RawFd;

/// Closes what was inherited beyond standard error, but these. All that this process has opened itself is among them.
pub fn close_all_but(kept: &mut [RawFd]) {
    kept.sort_unstable();
    let mut from = 3;
    for &mut fd in &mut *kept {
        if fd > from && !close_range(from, fd - 1) {
            return close_inherited(kept);
        }
        from = from.max(fd.saturating_add(1));
    }
    if !close_range(from, RawFd::MAX) {
        close_inherited(kept);
    }
}

/// Closes what was inherited beyond standard error, but these, as `/proc` tells: what survived our exec is not closed on exec, and
/// all that we open is.
pub fn close_inherited(kept: &[RawFd]) {
    let Ok(folder) = std::fs::read_dir("/proc/self/fd") else {
        return;
    };
    let open: Vec<RawFd> = folder
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .collect();
    let goes = |fd: &RawFd| *fd > 2 && !kept.contains(fd) && is_inherited(*fd);
    for fd in open.into_iter().filter(goes) {
        // SAFETY: one number, of a descriptor that was inherited and that no value of ours owns.
        unsafe { libc::close(fd) };
    }
}

/// Closes a range, both ends included (`close_range(2)`, Linux 5.9). Tells whether the kernel can.
fn close_range(first: RawFd, last: RawFd) -> bool {
    // SAFETY: three numbers; the caller knows that no value of ours owns a descriptor of this range.
    unsafe { libc::syscall(libc::SYS_close_range, first, last, 0) == 0 }
}

fn is_inherited(fd: RawFd) -> bool {
    // SAFETY: two numbers; a closed descriptor is an error.
    let flags = unsafe { libc::fcntl(fd, libc::F_GETFD) };
    flags != -1 && flags & libc::FD_CLOEXEC == 0
}
