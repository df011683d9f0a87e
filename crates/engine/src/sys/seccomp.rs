//! Seccomp: handing a filter to the kernel.
#![expect(unsafe_code, reason = "prctl takes the filter by pointer")]

use std::io;

/// Installs a filter for this thread and everything it becomes. Needs no-new-privileges or `CAP_SYS_ADMIN` in the
/// user namespace (seccomp(2)).
pub(crate) fn install(filter: &[libc::sock_filter]) -> io::Result<()> {
    let Ok(len) = libc::c_ushort::try_from(filter.len()) else {
        return Err(io::Error::from_raw_os_error(libc::EINVAL));
    };
    let program = libc::sock_fprog {
        len,
        filter: filter.as_ptr().cast_mut(),
    };
    // SAFETY: the program points to `len` instructions alive over the call; the kernel copies and never writes them.
    let outcome = unsafe {
        libc::prctl(
            libc::PR_SET_SECCOMP,
            libc::SECCOMP_MODE_FILTER,
            &raw const program,
        )
    };
    if outcome == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}
