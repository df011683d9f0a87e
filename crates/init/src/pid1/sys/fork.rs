//! Fork and exec. Not `std::process::Command`: it resets SIGPIPE and the signal mask of the child, and waits by itself.

use std::ffi::{CString, c_char, c_int, c_void};
use std::io;
use std::os::fd::{AsRawFd as _, BorrowedFd, RawFd};
use std::ptr;

use boatyard_init::environment::{Environment, Identity};
use boatyard_init::persona::Place;

use super::signals::Inherited;
use super::terminal::{self, Terminal};

const LISTEN_PID: &[u8] = b"LISTEN_PID=";

/// What the child sets up before exec.
pub struct Setup<'a> {
    /// The signal state to give back.
    pub inherited: Inherited,
    /// Start with no signal blocked or ignored instead.
    pub clean_signals: bool,
    /// Where it stands among processes.
    pub place: Place,
    /// The terminal to take the foreground of.
    pub terminal: Option<&'a Terminal>,
    /// The folder to start in, if not that of init.
    pub folder: Option<BorrowedFd<'a>>,
    /// Descriptors and the numbers that they get in the child.
    pub streams: &'a [(RawFd, RawFd)],
    /// Whether a `LISTEN_PID` that names init names the child instead.
    pub passes_sockets: bool,
    /// Who it becomes, if not who init is.
    pub identity: Option<Identity>,
    /// Its environment.
    pub environment: &'a Environment,
}

/// Why the program does not run.
pub enum Failure {
    /// There is no new process.
    Fork(io::Error),
    /// It may not become who it is to be.
    Identity(io::Error),
    /// No candidate could be executed.
    Exec {
        /// The reason that tells most: that of the last candidate that is there, else "no such file".
        errno: i32,
        /// The index of the candidate it is of.
        candidate: usize,
    },
}

/// How the child failed.
#[derive(Clone, Copy)]
struct Report {
    /// 0 as long as nothing failed.
    errno: c_int,
    /// Which could not be executed; none: it did not get that far.
    candidate: Option<usize>,
}

/// All that the child works with: laid out before, since it may not allocate.
struct Child<'a> {
    paths: &'a [CString],
    argv: Vec<*const c_char>,
    envp: Vec<*const c_char>,
    listen_pid: Option<&'a mut Vec<u8>>,
    setup: &'a Setup<'a>,
    /// The child's word to the parent, in the memory that both have.
    report: Report,
}

/// Room for the child's calls until exec.
const STACK_BYTES: usize = 64 * 1024;

/// Starts the first of `paths` that can be executed, with `words`. Returns its process id when the exec has succeeded; a
/// child that failed is reaped.
pub fn fork_exec(paths: &[CString], words: &[CString], setup: &Setup<'_>) -> Result<i32, Failure> {
    let argv = words
        .iter()
        .map(|word| word.as_ptr())
        .chain([ptr::null()])
        .collect();
    let mut entries = entries(setup);
    let listen_pid = entries.iter().position(|entry| names_us(entry, setup));
    if let Some(entry) = listen_pid.and_then(|index| entries.get_mut(index)) {
        // Room for the child's process id, whose digits are not known yet, and the NUL.
        entry.resize(LISTEN_PID.len() + 12, 0);
    }
    let envp = entries
        .iter()
        .map(|entry| entry.as_ptr().cast::<c_char>())
        .chain([ptr::null()])
        .collect();
    let mut child = Child {
        paths,
        argv,
        envp,
        listen_pid: listen_pid.and_then(|index| entries.get_mut(index)),
        setup,
        report: Report {
            errno: 0,
            candidate: None,
        },
    };
    let pid = start(&mut child).map_err(Failure::Fork)?;
    let Report { errno, candidate } = child.report;
    if errno == 0 {
        return Ok(pid);
    }
    // SAFETY: a child of ours that is about to exit; the status is not wanted.
    unsafe { libc::waitpid(pid, ptr::null_mut(), 0) };
    Err(match candidate {
        Some(candidate) => Failure::Exec { errno, candidate },
        None => Failure::Identity(io::Error::from_raw_os_error(errno)),
    })
}

/// Starts the child and waits until it has executed a program or is gone. It shares our memory until then
/// (`CLONE_VM | CLONE_VFORK`, see vfork(2)): nothing is copied, and its report needs no pipe.
fn start(child: &mut Child<'_>) -> io::Result<i32> {
    // Not zeroed: that would touch, and so make, all of its pages.
    let mut stack = Vec::<u8>::with_capacity(STACK_BYTES);
    let top = stack.as_mut_ptr().wrapping_add(STACK_BYTES);
    let flags = libc::CLONE_VM | libc::CLONE_VFORK | libc::SIGCHLD;
    let becomes_another = child.setup.identity.is_some();
    let data = ptr::from_mut(child).cast::<c_void>();
    // SAFETY: numbers.
    let dumpable = unsafe { libc::prctl(libc::PR_GET_DUMPABLE) };
    // SAFETY: this process has one thread, which is stopped as long as the child uses our memory, and no signal has a
    // handler; the child runs on a stack of its own, which grows down from the top, and `run` gets a
    // pointer to what it takes it for.
    let pid = unsafe { libc::clone(run, top.cast::<c_void>(), flags, data) };
    if pid == -1 {
        return Err(io::Error::last_os_error());
    }
    if becomes_another && dumpable == 1 {
        // A change of the user hides a process from others in /proc, and its memory was ours then (prctl(2)).
        // SAFETY: numbers.
        unsafe { libc::prctl(libc::PR_SET_DUMPABLE, 1) };
    }
    Ok(pid)
}

/// What the child does; returns only if that failed.
extern "C" fn run(data: *mut c_void) -> c_int {
    // SAFETY: `start` passes a pointer to a `Child` that nobody else uses while we run.
    let child = unsafe { &mut *data.cast::<Child<'_>>() };
    set_up(child.setup);
    if let Some(entry) = &mut child.listen_pid {
        write_digits(entry, super::process::id());
    }
    child.report = match become_who(child.setup.identity) {
        Ok(()) => exec(child.paths, &child.argv, &child.envp),
        Err(errno) => Report {
            errno,
            candidate: None,
        },
    };
    127
}

/// The entries of the environment, each with its NUL. One that holds a NUL itself cannot be passed.
fn entries(setup: &Setup<'_>) -> Vec<Vec<u8>> {
    let entries = setup.environment.entries().iter();
    entries
        .filter(|entry| !entry.contains(&0))
        .map(|entry| [entry.as_slice(), b"\0"].concat())
        .collect()
}

fn names_us(entry: &[u8], setup: &Setup<'_>) -> bool {
    let named = entry
        .strip_prefix(LISTEN_PID)
        .and_then(|value| value.strip_suffix(b"\0"));
    named.is_some_and(|named| {
        setup.passes_sockets && named == super::process::id().to_string().as_bytes()
    })
}

/// Writes the number after `LISTEN_PID=`, without allocating: `entry` has zeroes and room.
fn write_digits(entry: &mut [u8], number: i32) {
    let mut digits = [0_u8; 10];
    let (mut rest, mut count) = (number.unsigned_abs(), 0);
    for digit in &mut digits {
        *digit = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        count += 1;
        if rest == 0 {
            break;
        }
    }
    let places = entry.iter_mut().skip(LISTEN_PID.len());
    for (place, digit) in places.zip(digits.iter().take(count).rev().chain([&0])) {
        *place = *digit;
    }
}

/// What the child does before exec.
fn set_up(setup: &Setup<'_>) {
    match setup.place {
        // SAFETY: takes numbers; a process that has just been forked may always lead a group.
        Place::Group => drop(unsafe { libc::setpgid(0, 0) }),
        Place::Session => {
            // SAFETY: takes nothing; a process that has just been forked leads no group, so it may.
            unsafe { libc::setsid() };
            terminal::take_as_session();
        }
        Place::Same => {}
    }
    if let Some(terminal) = setup.terminal {
        terminal.give_to(super::process::id());
    }
    if let Some(folder) = setup.folder {
        // SAFETY: one number. If it fails, the child is where init is.
        unsafe { libc::fchdir(folder.as_raw_fd()) };
    }
    for &(from, to) in setup.streams {
        // SAFETY: two numbers; the caller has chosen descriptors that differ, so the copy survives exec.
        unsafe { libc::dup2(from, to) };
    }
    if setup.clean_signals {
        Inherited::clean();
    } else {
        setup.inherited.restore();
    }
}

/// Becomes another user, with no group but that one; the error is errno. The kernel's own calls, since the C library's tell
/// other threads, of which there are none.
fn become_who(identity: Option<Identity>) -> Result<(), c_int> {
    let Some(Identity { uid, gid }) = identity else {
        return Ok(());
    };
    if (uid, gid) == (super::process::user(), super::process::group()) {
        return Ok(());
    }
    let none = ptr::null::<u32>();
    // SAFETY: numbers, and an array without elements.
    let done = unsafe {
        libc::syscall(libc::SYS_setgroups, 0, none) == 0
            && libc::syscall(libc::SYS_setresgid, gid, gid, gid) == 0
            && libc::syscall(libc::SYS_setresuid, uid, uid, uid) == 0
    };
    if done { Ok(()) } else { Err(last_errno()) }
}

fn exec(paths: &[CString], argv: &[*const c_char], envp: &[*const c_char]) -> Report {
    let mut worst = Report {
        errno: libc::ENOENT,
        candidate: Some(0),
    };
    for (candidate, path) in paths.iter().enumerate() {
        // SAFETY: the path ends in NUL; argv and envp are arrays of such strings that end in a null pointer.
        unsafe { libc::execve(path.as_ptr(), argv.as_ptr(), envp.as_ptr()) };
        let errno = last_errno();
        let missing = [libc::ENOENT, libc::ENOTDIR].contains(&errno);
        if !missing || paths.len() == 1 {
            worst = Report {
                errno,
                candidate: Some(candidate),
            };
        }
        // As execvp: only "not here" and "not permitted" go on to the next folder.
        if !missing && errno != libc::EACCES {
            break;
        }
    }
    worst
}

fn last_errno() -> i32 {
    io::Error::last_os_error().raw_os_error().unwrap_or(0)
}
