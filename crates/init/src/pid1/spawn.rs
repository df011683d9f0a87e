//! Starting the main process, and telling why it could not be started.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use boatyard_init::exit;

use super::command::Program;
use super::say;
use super::sys::fork::{self, Failure, Setup};
use super::sys::signals::Inherited;
use super::sys::terminal::Terminal;

/// Starts the program in a process group of its own, with the signal mask and dispositions that init inherited, in the
/// foreground of the terminal if init has that. Returns when the program runs. What failed has been told; the error is
/// the exit code.
pub fn spawn(program: &Program, inherited: Inherited) -> Result<i32, u8> {
    let terminal = Terminal::in_our_foreground();
    let setup = Setup {
        inherited,
        terminal: terminal.as_ref(),
    };
    let started = fork::fork_exec(&program.paths, &program.words, &setup).or_else(|failure| {
        match as_script(program, &failure) {
            // Without a shell the first failure tells more.
            Some(script) => {
                fork::fork_exec(&script.paths, &script.words, &setup).map_err(|_| failure)
            }
            None => Err(failure),
        }
    });
    started.map_err(|failure| match failure {
        Failure::Fork(error) => {
            say::warn(format_args!("cannot start a process: {error}"));
            exit::SYSTEM
        }
        Failure::Exec { errno, candidate } => {
            explain(program, errno, candidate);
            exit::of_exec_error(errno)
        }
    })
}

/// A text file without a first line that names its interpreter is a script for sh, as for every shell and execvp(3).
fn as_script(program: &Program, failure: &Failure) -> Option<Program> {
    let Failure::Exec {
        errno: libc::ENOEXEC,
        candidate,
    } = failure
    else {
        return None;
    };
    let file = program.paths.get(*candidate)?;
    let mut start = Vec::new();
    let opened = File::open(OsStr::from_bytes(file.to_bytes())).ok()?;
    opened.take(256).read_to_end(&mut start).ok()?;
    if start.contains(&0) || start.starts_with(b"\x7fELF") {
        return None;
    }
    let arguments = program.words.iter().skip(1).cloned();
    Some(Program {
        paths: vec![c"/bin/sh".to_owned()],
        words: [c"sh".to_owned(), file.clone()]
            .into_iter()
            .chain(arguments)
            .collect(),
    })
}

fn explain(program: &Program, errno: i32, candidate: usize) {
    let name = program
        .words
        .first()
        .map_or(OsStr::new(""), |word| OsStr::from_bytes(word.to_bytes()));
    let path = program.paths.get(candidate).map_or(Path::new(""), |path| {
        Path::new(OsStr::from_bytes(path.to_bytes()))
    });
    let error = io::Error::from_raw_os_error(errno);
    let (name, path) = (name.display(), path.display());
    if errno == libc::ENOENT && program.paths.len() > 1 {
        say::warn(format_args!(
            "cannot run {name}: it is not in the search path"
        ));
    } else if errno == libc::ENOENT && Path::new(&path.to_string()).exists() {
        say::warn(format_args!(
            "cannot run {path}: the file is there, but the interpreter of its first line, or its loader, is not"
        ));
    } else {
        say::warn(format_args!("cannot run {path}: {error}"));
    }
}
