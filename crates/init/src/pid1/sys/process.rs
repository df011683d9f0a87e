//! Processes: who we are, sending signals, reaping.

use std::io;

use boatyard_init::exit::Ending;
use boatyard_init::signal::Signal;

/// Our process id.
pub fn id() -> i32 {
    // SAFETY: takes nothing, touches nothing, cannot fail.
    unsafe { libc::getpid() }
}

/// The user that we act as.
pub fn user() -> u32 {
    // SAFETY: takes nothing and cannot fail.
    unsafe { libc::geteuid() }
}

/// The group that we act as.
pub fn group() -> u32 {
    // SAFETY: takes nothing and cannot fail.
    unsafe { libc::getegid() }
}

/// How many processors the scheduler gives us; 1 if it does not tell.
pub fn processors() -> u64 {
    // SAFETY: cpu_set_t is plain numbers, for which zero is a value; the pointer and the size are of one that we own.
    let count = unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        if libc::sched_getaffinity(0, std::mem::size_of_val(&set), &raw mut set) == -1 {
            return 1;
        }
        libc::CPU_COUNT(&set)
    };
    u64::try_from(count).unwrap_or(1)
}

/// Makes orphans below us our children (`PR_SET_CHILD_SUBREAPER`, since Linux 3.4), as they are PID 1's.
pub fn become_subreaper() -> io::Result<()> {
    // SAFETY: this option takes one number; the others are ignored.
    let result = unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) };
    if result == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// Sends a signal to a process, to a group (negative), or to all (-1).
pub fn kill(to: i32, signal: Signal) -> io::Result<()> {
    // SAFETY: two numbers; what they do to other processes is the caller's decision.
    if unsafe { libc::kill(to, signal.number()) } == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// Asks the kernel for a signal when our parent dies (`PR_SET_PDEATHSIG`).
pub fn on_parent_death(signal: Signal) -> io::Result<()> {
    // SAFETY: this option takes one number; the others are ignored.
    let result = unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, signal.number(), 0, 0, 0) };
    if result == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// Stops ourselves until somebody sends CONT. A PID 1 is not stopped by this.
pub fn suspend() {
    // SAFETY: two numbers.
    unsafe { libc::kill(libc::getpid(), libc::SIGSTOP) };
}

/// Whether there is no process of this id in our namespace.
pub fn is_missing(pid: i32) -> bool {
    // SAFETY: signal 0 only asks whether the process is there.
    let result = unsafe { libc::kill(pid, 0) };
    result == -1 && io::Error::last_os_error().raw_os_error() == Some(libc::ESRCH)
}

/// So many dead children are reaped before signals are looked at again, so that a storm of them keeps no stop waiting.
pub const BATCH: usize = 64;

/// What `reap` found.
pub enum Child {
    /// A dead child, now reaped.
    Dead {
        /// Its process id.
        pid: i32,
        /// How it ended.
        ending: Ending,
    },
    /// A child that was stopped.
    Suspended {
        /// Its process id.
        pid: i32,
    },
    /// Children, none of them dead.
    Alive,
    /// No children.
    None,
}

/// Reaps one dead child if there is one; does not wait.
pub fn reap() -> Child {
    let mut status = 0;
    // SAFETY: the pointer is to an integer that we own.
    let pid = unsafe { libc::waitpid(-1, &raw mut status, libc::WNOHANG | libc::WUNTRACED) };
    match pid {
        0 => Child::Alive,
        pid if pid > 0 && libc::WIFSTOPPED(status) => Child::Suspended { pid },
        pid if pid > 0 => Child::Dead {
            pid,
            ending: ending(status),
        },
        // ECHILD; EINTR cannot be, since WNOHANG does not wait.
        _ => Child::None,
    }
}

fn ending(status: i32) -> Ending {
    if libc::WIFSIGNALED(status)
        && let Some(signal) = Signal::from_number(libc::WTERMSIG(status))
    {
        return Ending::Killed(signal);
    }
    Ending::Exited(u8::try_from(libc::WEXITSTATUS(status)).unwrap_or(u8::MAX))
}
