//! File descriptors that init inherited.

use std::os::fd::RawFd;

/// The descriptors beyond standard error that are open now, and so were inherited if nothing was opened before. None
/// where `/proc` cannot tell.
pub fn inherited() -> Vec<RawFd> {
    let Ok(folder) = std::fs::read_dir("/proc/self/fd") else {
        return Vec::new();
    };
    let mut found: Vec<RawFd> = folder
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|&fd| fd > 2)
        .collect();
    // The folder that is being read was among them, and is closed now.
    found.retain(|&fd| is_open(fd));
    found
}

fn is_open(fd: RawFd) -> bool {
    // SAFETY: two numbers; a closed descriptor is an error.
    unsafe { libc::fcntl(fd, libc::F_GETFD) != -1 }
}

/// Closes descriptors. The caller knows that nothing in this process uses them.
pub fn close(descriptors: &[RawFd]) {
    for &fd in descriptors {
        // SAFETY: one number, of a descriptor that was inherited and that no value of ours owns.
        unsafe { libc::close(fd) };
    }
}
