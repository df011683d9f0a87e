//! Starting the main process, and telling why it could not be started.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::AsFd as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use boatyard_init::exit;
use boatyard_init::persona::Voice;

use super::command::Program;
use super::say;
use super::sys::fork::{self, Failure, Setup};
use super::sys::{folder, words};

/// Starts the program as the conduct and the setup say. Returns when the program runs. What failed has been told; the
/// error is the exit code.
pub fn spawn(program: &Program, setup: &Setup<'_>, voice: &Voice) -> Result<i32, u8> {
    let mut before = None;
    let started = fork::fork_exec(&program.paths, &program.words, setup).or_else(|failure| {
        // Init may have left the folder that a relative path starts from.
        if let Some(folder) = setup.folder {
            before = folder::current().ok();
            folder::enter(folder);
        }
        let Some(script) = as_script(program, &failure) else {
            return Err(failure);
        };
        // Without a shell the first failure tells more.
        let main = fork::fork_exec(&script.paths, &script.words, setup).map_err(|_| failure)?;
        Ok(main)
    });
    let started = started.map_err(|failure| match failure {
        Failure::Fork(error) => {
            say::warn(format_args!("cannot start a process: {error}"));
            exit::SYSTEM
        }
        Failure::Identity(error) => {
            let name = program.name();
            say::warn(format_args!(
                "cannot become the user that {name} is to run as: {error}"
            ));
            exit::SYSTEM
        }
        Failure::Exec { errno, candidate } => {
            let reason = words::of_error(errno);
            let name = program.words.first().map(|name| name.to_string_lossy());
            let name = name.unwrap_or_default();
            if let Some((said, code)) = voice.cannot_execute(&name, errno, &reason) {
                say::said(&said);
                code
            } else {
                explain(program, errno, candidate);
                exit::of_exec_error(errno)
            }
        }
    });
    if let Some(before) = before {
        folder::enter(before.as_fd());
    }
    started
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
