//! Fork and exec. Not `std::process::Command`: it resets SIGPIPE and the signal mask of the child, and waits by itself.

use std::ffi::{CString, c_char, c_int, c_void};
use std::io;
use std::mem;
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd};
use std::ptr;

use super::signals::Inherited;
use super::terminal::Terminal;

unsafe extern "C" {
    /// The environment, as the C library keeps it.
    static environ: *const *const c_char;
}

/// What the child sets up before exec.
pub struct Setup<'a> {
    /// The signal state to give back.
    pub inherited: Inherited,
    /// The terminal to take the foreground of.
    pub terminal: Option<&'a Terminal>,
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

/// Starts the first of `paths` that can be executed, with `words` and our environment. Returns its process id when the
/// exec has succeeded; a child that failed is reaped.
pub fn fork_exec(paths: &[CString], words: &[CString], setup: &Setup<'_>) -> Result<i32, Failure> {
    // All that the child needs is laid out here: it may not allocate.
    let argv: Vec<*const c_char> = words
        .iter()
        .map(|word| word.as_ptr())
        .chain([ptr::null()])
        .collect();
    let (reader, writer) = pipe().map_err(Failure::Fork)?;

    // SAFETY: this process has one thread, so the child may do whatever the parent may.
    let pid = unsafe { libc::fork() };
    match pid {
        -1 => Err(Failure::Fork(io::Error::last_os_error())),
        0 => {
            // SAFETY: takes numbers; a process that has just been forked may always lead a group.
            unsafe { libc::setpgid(0, 0) };
            if let Some(terminal) = setup.terminal {
                terminal.give_to(super::process::id());
            }
            setup.inherited.restore();
            let report = exec(paths, &argv);
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

fn exec(paths: &[CString], argv: &[*const c_char]) -> Report {
    let mut worst = Report {
        errno: libc::ENOENT,
        candidate: 0,
    };
    for (candidate, path) in paths.iter().enumerate() {
        // SAFETY: the path ends in NUL; argv and environ are arrays of such strings that end in a null pointer.
        unsafe { libc::execve(path.as_ptr(), argv.as_ptr(), environ) };
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

fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    let mut ends = [0; 2];
    // SAFETY: the pointer is to two integers that we own.
    if unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) } == -1 {
        return Err(io::Error::last_os_error());
    }
    let [reader, writer] = ends;
    // SAFETY: the kernel has just given us both descriptors; nobody else has them.
    unsafe { Ok((OwnedFd::from_raw_fd(reader), OwnedFd::from_raw_fd(writer))) }
}

fn last_errno() -> i32 {
    io::Error::last_os_error().raw_os_error().unwrap_or(0)
}
