//! Signals: masks and dispositions of this process.
#![expect(
    unsafe_code,
    reason = "sigprocmask, sigaction and sigwaitinfo have no safe form"
)]

use std::io;
use std::mem::MaybeUninit;

/// Blocks every signal that can be blocked.
pub(crate) fn block_all() {
    let mut all = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: sigfillset initialises the set that sigprocmask then reads; both pointers are valid.
    unsafe {
        libc::sigfillset(all.as_mut_ptr());
        libc::sigprocmask(libc::SIG_SETMASK, all.as_ptr(), std::ptr::null_mut());
    }
}

/// Gives every signal its default disposition and blocks none: the state a program expects to start in. `SIGPIPE`
/// matters most: the Rust runtime ignores it, and ignored signals stay ignored over exec.
pub(crate) fn reset() {
    for signal in 1..=libc::SIGRTMAX() {
        // SAFETY: setting a disposition to SIG_DFL installs no handler; errors (KILL, STOP, libc's own) do not matter.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
    let mut none = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: sigemptyset initialises the set that sigprocmask then reads; both pointers are valid.
    unsafe {
        libc::sigemptyset(none.as_mut_ptr());
        libc::sigprocmask(libc::SIG_SETMASK, none.as_ptr(), std::ptr::null_mut());
    }
}

/// Waits for the next of the blocked signals and returns its number.
pub(crate) fn wait_any() -> io::Result<i32> {
    let mut all = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: sigfillset initialises the set; a null siginfo is permitted (sigwaitinfo(2)).
    let outcome = unsafe {
        libc::sigfillset(all.as_mut_ptr());
        libc::sigwaitinfo(all.as_ptr(), std::ptr::null_mut())
    };
    if outcome < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(outcome)
    }
}

/// Sends a signal by its number, which may be a real-time one.
pub(crate) fn send(pid: rustix::process::Pid, signal: i32) -> io::Result<()> {
    // SAFETY: kill(2) has no memory effects; the process number is positive by its type.
    let outcome = unsafe { libc::kill(pid.as_raw_nonzero().get(), signal) };
    if outcome == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}
