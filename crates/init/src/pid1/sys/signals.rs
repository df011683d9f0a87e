//! Signals of this process: blocking them, giving the inherited state back, and receiving them by `signalfd`.
//!
//! The kernel's own calls are used, not the C library's: those leave out signals 32 and 33, and what init inherited
//! must be given back to the bit.

use std::ffi::{c_int, c_long, c_void};
use std::io;
use std::mem;
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd, RawFd};
use std::ptr;
use std::time::Duration;

use boatyard_init::signal::Signal;

/// Bytes of the kernel's signal set on every platform we build for: 64 signals.
const SET_BYTES: usize = mem::size_of::<u64>();

/// Every signal there is, and every one there may be.
pub const ALL: u64 = u64::MAX;

/// How many signals one read takes at most.
const BATCH: usize = 16;

/// What init inherited and gives to its child.
#[derive(Clone, Copy)]
pub struct Inherited {
    mask: u64,
    /// Whether CHLD was ignored. Init needs it not to be: the kernel reaps the children of a process that ignores it.
    child_ignored: bool,
}

/// Blocks every signal but those that tell of a fault of init itself, and makes sure that children can be waited for.
/// Must come first: PID 1 loses what arrives before it. `before` is what was blocked before the process blocked all, or
/// [`ALL`] if it has not.
pub fn block(before: u64) -> Inherited {
    let blocked = Signal::FAULTS
        .iter()
        .fold(ALL, |set, signal| set & !signal.bit());
    let now = set_mask(blocked);
    let mask = if before == ALL { now } else { before };
    // SAFETY: SIG_DFL is a valid disposition for CHLD.
    let before = unsafe { libc::signal(libc::SIGCHLD, libc::SIG_DFL) };
    Inherited {
        mask,
        child_ignored: before == libc::SIG_IGN,
    }
}

impl Inherited {
    /// Gives the inherited state back. For the child, between fork and exec: it does not allocate.
    pub fn restore(self) {
        if self.child_ignored {
            // SAFETY: SIG_IGN is a valid disposition for CHLD.
            unsafe { libc::signal(libc::SIGCHLD, libc::SIG_IGN) };
        }
        set_mask(self.mask);
    }
}

impl Inherited {
    /// No signal blocked, and none of those with names ignored, as dumb-init has it. For the child, between fork and exec: it does not
    /// allocate.
    pub fn clean() {
        for number in 1..=libc::SIGSYS {
            // SAFETY: SIG_DFL is a valid disposition; for the few signals that have no other it is an error.
            unsafe { libc::signal(number, libc::SIG_DFL) };
        }
        set_mask(0);
    }
}

/// Blocks those signals too that tell of a fault, so that they are received when others send them. A fault of our own
/// still ends us: the kernel does not let a process block that.
pub fn block_faults() {
    set_mask(ALL);
}

fn set_mask(set: u64) -> u64 {
    let mut before = 0_u64;
    // SAFETY: both pointers are to signal sets of SET_BYTES that we own. It cannot fail with valid arguments.
    unsafe {
        libc::syscall(
            libc::SYS_rt_sigprocmask,
            c_long::from(libc::SIG_SETMASK),
            &raw const set,
            &raw mut before,
            SET_BYTES,
        );
    }
    before
}

/// Waits for one signal, all of which are blocked, at most `timeout`; none when that is over, or when the wait was interrupted. One call of the kernel, where
/// waiting for the descriptor and reading it are two: a signal that is to be passed on waits for neither.
pub fn wait(timeout: Option<Duration>) -> io::Result<Option<Signal>> {
    let timeout = timeout.map(|timeout| libc::timespec {
        tv_sec: timeout.as_secs().try_into().unwrap_or(i64::MAX),
        tv_nsec: timeout.subsec_nanos().into(),
    });
    let timeout = timeout.as_ref().map_or(ptr::null(), ptr::from_ref);
    let all = ALL;
    // SAFETY: siginfo_t is plain bytes, for which zero is a value.
    let mut info: libc::siginfo_t = unsafe { mem::zeroed() };
    // SAFETY: the pointers are to a set of SET_BYTES, to a siginfo_t, and to nothing or a timespec, all of which we own.
    let number = unsafe {
        libc::syscall(
            libc::SYS_rt_sigtimedwait,
            &raw const all,
            &raw mut info,
            timeout,
            SET_BYTES,
        )
    };
    match i32::try_from(number) {
        Ok(number) if number > 0 => {
            // SAFETY: the signals that have no sender have zero there, which is nobody's process id.
            let sender = unsafe { info.si_pid() };
            Ok(Signal::from_number(number).filter(|_| !is_of_our_writing(number, sender)))
        }
        _ => nothing(),
    }
}

/// Receives signals that are blocked, by a descriptor that can be waited for together with others.
pub struct Signals(OwnedFd);

impl Signals {
    /// Receives all signals. The descriptor is closed on exec.
    pub fn open() -> io::Result<Self> {
        let all = ALL;
        // SAFETY: the pointer is to a signal set of SET_BYTES that we own.
        let fd = unsafe {
            libc::syscall(
                libc::SYS_signalfd4,
                c_long::from(-1),
                &raw const all,
                SET_BYTES,
                c_long::from(libc::SFD_CLOEXEC | libc::SFD_NONBLOCK),
            )
        };
        match c_int::try_from(fd) {
            // SAFETY: the kernel has just given us this descriptor; nobody else has it.
            Ok(fd) if fd >= 0 => Ok(Self(unsafe { OwnedFd::from_raw_fd(fd) })),
            _ => Err(io::Error::last_os_error()),
        }
    }

    /// To wait for together with others.
    pub fn fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }

    /// The signals that are there, without waiting; at most [`BATCH`].
    pub fn read(&self) -> io::Result<Vec<Signal>> {
        // SAFETY: signalfd_siginfo is plain numbers, for which zero is a value.
        let mut batch: [libc::signalfd_siginfo; BATCH] = unsafe { mem::zeroed() };
        // SAFETY: the pointer and the length are of one array that we own.
        let bytes = unsafe {
            libc::read(
                self.0.as_raw_fd(),
                ptr::from_mut(&mut batch).cast::<c_void>(),
                mem::size_of_val(&batch),
            )
        };
        let Ok(bytes) = usize::try_from(bytes) else {
            return nothing();
        };
        let count = bytes / mem::size_of::<libc::signalfd_siginfo>();
        Ok(batch
            .iter()
            .take(count)
            .filter_map(|info| {
                let number = i32::try_from(info.ssi_signo).ok()?;
                let sender = i32::try_from(info.ssi_pid).ok()?;
                Signal::from_number(number).filter(|_| !is_of_our_writing(number, sender))
            })
            .collect())
    }
}

/// Whether it is the PIPE that the kernel sends us because nobody reads what we write, as if we had sent it ourselves (`send_sig` in
/// the kernel's `pipe.c`): that is known by then, and the main process would die of it.
fn is_of_our_writing(number: i32, sender: i32) -> bool {
    number == libc::SIGPIPE && sender == super::process::id()
}

/// EINTR (a stop and continue of init) and EAGAIN (the time is over) are no news; any other error is.
fn nothing<T: Default>() -> io::Result<T> {
    let error = io::Error::last_os_error();
    match error.kind() {
        io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock => Ok(T::default()),
        _ => Err(error),
    }
}
