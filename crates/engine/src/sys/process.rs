//! Processes: fork and exec.
#![expect(unsafe_code, reason = "fork and execve have no safe form")]

use std::ffi::{CStr, CString};
use std::io;

use rustix::process::Pid;

/// Which side of a fork we are on.
pub(crate) enum Forked {
    /// The new process.
    Child,
    /// The old one, with the number of the new one as seen in the old one's PID namespace.
    Parent(Pid),
}

/// Forks. Refuses in a process with several threads: the child would hold locks whose owners do not exist in it
/// (fork(2), "Notes").
pub(crate) fn fork() -> io::Result<Forked> {
    if !has_one_thread()? {
        return Err(io::Error::from_raw_os_error(libc::EDEADLK));
    }
    // SAFETY: this process has one thread (checked above, and only this thread could start another), so the child
    // starts with no lock held by a thread that is gone.
    let outcome = unsafe { libc::fork() };
    match outcome {
        -1 => Err(io::Error::last_os_error()),
        0 => Ok(Forked::Child),
        number => Ok(Forked::Parent(
            Pid::from_raw(number).expect("fork returns a positive number to the parent"),
        )),
    }
}

/// Whether the calling thread is alone.
fn has_one_thread() -> io::Result<bool> {
    // SAFETY: with this flag the call does nothing but fail with EINVAL where there are threads (unshare(2)). It
    // needs no /proc, which may be one of another PID namespace.
    if unsafe { libc::unshare(libc::CLONE_THREAD) } == 0 {
        return Ok(true);
    }
    let error = io::Error::last_os_error();
    match error.raw_os_error() {
        Some(libc::EINVAL) => Ok(false),
        // Containers forbid the call whatever its flags.
        _ => Ok(std::fs::read_dir("/proc/self/task")?.count() == 1),
    }
}

/// Replaces this process by a program; returns only if that fails.
pub(crate) fn exec(program: &CStr, argv: &[CString], env: &[CString]) -> io::Error {
    fn pointers(strings: &[CString]) -> Vec<*const libc::c_char> {
        strings
            .iter()
            .map(|string| string.as_ptr())
            .chain([std::ptr::null()])
            .collect()
    }
    let (argv, env) = (pointers(argv), pointers(env));
    // SAFETY: the three arguments are NUL-terminated strings and null-terminated arrays of them, alive over the call.
    unsafe { libc::execve(program.as_ptr(), argv.as_ptr(), env.as_ptr()) };
    io::Error::last_os_error()
}

/// Ends this process at once, without running anybody's destructors or exit handlers: what a forked child must do.
pub(crate) fn exit(code: i32) -> ! {
    // SAFETY: `_exit` has no preconditions.
    unsafe { libc::_exit(code) }
}

/// Marks all descriptors from 3 on to be closed at exec.
pub(crate) fn close_on_exec_all() -> io::Result<()> {
    // SAFETY: only sets a flag on descriptors; none is closed here, so nobody's ownership is broken.
    let outcome = unsafe {
        libc::syscall(
            libc::SYS_close_range,
            3_u32,
            u32::MAX,
            libc::CLOSE_RANGE_CLOEXEC,
        )
    };
    if outcome == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// Closes all descriptors, runs `last`, and ends this process with the code it returns. For a process that only
/// watches another and must not keep that one's pipes open.
pub(crate) fn end_without_descriptors(last: impl FnOnce() -> i32) -> ! {
    // SAFETY: the owners of these descriptors live in frames that are never returned to, so none is used or closed
    // again; `last` opens what it needs itself.
    unsafe { libc::syscall(libc::SYS_close_range, 0_u32, u32::MAX, 0_u32) };
    exit(last())
}
