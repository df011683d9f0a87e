//! Namespaces: leaving the ones we were born in.
#![expect(
    unsafe_code,
    reason = "unshare could split the descriptor table; the flags here never do"
)]

use rustix::io;
use rustix::thread::{UnshareFlags, unshare_unsafe};

/// Puts this thread into new namespaces. `flags` may hold `NEW*` only.
///
/// # Panics
/// If `flags` asks to split the descriptor table or the like: a bug of ours.
pub(crate) fn unshare(flags: UnshareFlags) -> io::Result<()> {
    assert!(
        !flags.intersects(UnshareFlags::FILES | UnshareFlags::FS | UnshareFlags::SYSVSEM),
        "only namespaces are left here"
    );
    // SAFETY: the descriptor table stays shared (checked above), which is the one danger that rustix names.
    unsafe { unshare_unsafe(flags) }
}
