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
    // Past the C library, which keeps two signals to itself that `posix_spawn` has left ignored.
    for signal in 1..=64_i32 {
        let default = [0_u64; 4];
        // SAFETY: all-zero bytes, at least as many as the kernel's `sigaction` has on 64-bit machines, mean SIG_DFL
        // with no flags and no handler; errors (KILL, STOP) do not matter.
        unsafe {
            libc::syscall(
                libc::SYS_rt_sigaction,
                signal,
                default.as_ptr(),
                std::ptr::null::<u64>(),
                8_usize,
            );
        };
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
