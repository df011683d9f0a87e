//! Fork and exec. Not `std::process::Command`: it resets SIGPIPE and the signal mask of the child, and waits by itself.

use std::ffi::{CString, c_char, c_int, c_void};
use std::io;
use std::mem;
use std::os::fd::{AsRawFd as _, BorrowedFd, OwnedFd, RawFd};
use std::ptr;

use boatyard_init::environment::Environment;
use boatyard_init::persona::Place;

use super::pipe;
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
    /// Its environment.
    pub environment: &'a Environment,
}

/// Why the program does not run.
pub enum Failure {
    /// There is no new process.
    Fork(io::Error),
    /// No candidate could be executed.
    Exec {
        /// The reason that tells most: that of the last candidate that is there, else "no such file".
        errno: i32,
        /// The index of the candidate it is of.
        candidate: usize,
    },
}

/// What the child writes into the pipe when it fails.
#[repr(C)]
struct Report {
    errno: c_int,
    candidate: usize,
}

/// Starts the first of `paths` that can be executed, with `words`. Returns its process id when the exec has succeeded; a
/// child that failed is reaped.
pub fn fork_exec(paths: &[CString], words: &[CString], setup: &Setup<'_>) -> Result<i32, Failure> {
    // All that the child needs is laid out here: it may not allocate.
    let argv: Vec<*const c_char> = words
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
    let envp: Vec<*const c_char> = entries
        .iter()
        .map(|entry| entry.as_ptr().cast::<c_char>())
        .chain([ptr::null()])
        .collect();
    let (reader, writer) = pipe::new().map_err(Failure::Fork)?;

    // SAFETY: this process has one thread, so the child may do whatever the parent may.
    let pid = unsafe { libc::fork() };
    match pid {
        -1 => Err(Failure::Fork(io::Error::last_os_error())),
        0 => {
            set_up(setup);
            if let Some(entry) = listen_pid.and_then(|index| entries.get_mut(index)) {
                write_digits(entry, super::process::id());
            }
            let report = exec(paths, &argv, &envp);
            fail(&writer, &report)
        }
        pid => {
            drop(writer);
            match read_report(&reader) {
                None => Ok(pid),
                Some(Report { errno, candidate }) => {
                    // SAFETY: a child of ours that is about to exit; the status is not wanted.
                    unsafe { libc::waitpid(pid, ptr::null_mut(), 0) };
                    Err(Failure::Exec { errno, candidate })
                }
            }
        }
    }
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

fn exec(paths: &[CString], argv: &[*const c_char], envp: &[*const c_char]) -> Report {
    let mut worst = Report {
        errno: libc::ENOENT,
        candidate: 0,
    };
    for (candidate, path) in paths.iter().enumerate() {
        // SAFETY: the path ends in NUL; argv and envp are arrays of such strings that end in a null pointer.
        unsafe { libc::execve(path.as_ptr(), argv.as_ptr(), envp.as_ptr()) };
        let errno = last_errno();
        let missing = [libc::ENOENT, libc::ENOTDIR].contains(&errno);
        if !missing || paths.len() == 1 {
            worst = Report { errno, candidate };
        }
        // As execvp: only "not here" and "not permitted" go on to the next folder.
        if !missing && errno != libc::EACCES {
            break;
        }
    }
    worst
}

fn fail(writer: &OwnedFd, report: &Report) -> ! {
    // SAFETY: the pointer and the length are of one struct that we own; _exit runs nothing of the parent's.
    unsafe {
        libc::write(
            writer.as_raw_fd(),
            ptr::from_ref(report).cast::<c_void>(),
            mem::size_of::<Report>(),
        );
        libc::_exit(127)
    }
}

/// Waits until the pipe is closed by a successful exec (`None`) or brings a report.
fn read_report(reader: &OwnedFd) -> Option<Report> {
    let mut report = Report {
        errno: 0,
        candidate: 0,
    };
    loop {
        // SAFETY: the pointer and the length are of one struct that we own, for which all bytes are values.
        let bytes = unsafe {
            libc::read(
                reader.as_raw_fd(),
                ptr::from_mut(&mut report).cast::<c_void>(),
                mem::size_of::<Report>(),
            )
        };
        if bytes == -1 && last_errno() == libc::EINTR {
            continue;
        }
        let whole = usize::try_from(bytes) == Ok(mem::size_of::<Report>());
        return whole.then_some(report);
    }
}

fn last_errno() -> i32 {
    io::Error::last_os_error().raw_os_error().unwrap_or(0)
}
