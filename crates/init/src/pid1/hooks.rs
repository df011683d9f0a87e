//! Running hooks.

use std::ffi::CString;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use boatyard_init::environment::Environment;
use boatyard_init::hook::{Layout, Moment, sorted};
use boatyard_init::persona::{Place, Said, Stream};

use super::command::Program;
use super::errand::{self, Errand, Limit};
use super::ground::Ground;
use super::say;

/// The exit code where a script cannot be run, as powershift has it.
const FAILED: u8 = 1;

/// Runs the hook of a moment, if there is one, and what is in `NAME.d`. One that exists and is not executable is a
/// mistake, told before anything runs. What failed has been told; the error is the exit code.
pub fn run(
    ground: &Ground,
    environment: &Environment,
    layout: &Layout,
    moment: Moment,
) -> Result<(), u8> {
    let hooks = find(layout, moment)?;
    for hook in hooks {
        if let Some(announced) = moment.announced() {
            let path = layout.source.join(announced);
            announce(layout, &format!(" -----> Running {}", path.display()));
        }
        run_file(ground, environment, &hook, None)?;
    }
    Ok(())
}

/// The files of a moment, all of them executable.
pub fn find(layout: &Layout, moment: Moment) -> Result<Vec<PathBuf>, u8> {
    let mut found = Vec::new();
    for folder in layout.hooks() {
        found.push(folder.join(moment.name()));
        if !layout.is_compatible {
            let more = folder.join(format!("{}.d", moment.name()));
            let names = names(&more);
            found.extend(sorted(names, false).into_iter().map(|name| more.join(name)));
        }
    }
    found.retain(|path| path.is_file());
    for path in &found {
        check_executable(layout, path)?;
    }
    Ok(found)
}

/// The names in a folder; none if it is not there.
pub fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect()
}

/// Tells of a script that cannot be run; the error is the exit code.
pub fn check_executable(layout: &Layout, path: &Path) -> Result<(), u8> {
    let is_executable =
        fs::metadata(path).is_ok_and(|found| found.permissions().mode() & 0o111 != 0);
    if is_executable {
        return Ok(());
    }
    let path = path.display();
    if layout.is_compatible {
        announce(layout, &format!("ERROR: Script {path} not executable."));
    } else {
        say::warn(format_args!("the script {path} is not executable"));
    }
    Err(FAILED)
}

/// Tells where powershift refuses to run anywhere but in the application's folder; the error is the exit code.
pub fn check_folder(layout: &Layout, command: &str) -> Result<(), u8> {
    let is_there = std::env::current_dir().is_ok_and(|current| current == layout.source);
    if is_there || !layout.is_compatible {
        return Ok(());
    }
    let source = layout.source.display();
    announce(
        layout,
        &format!("ERROR: Working directory of '{command}' script is not {source}."),
    );
    Err(FAILED)
}

/// Prints a line where powershift would.
pub fn announce(layout: &Layout, line: &str) {
    if layout.is_compatible {
        let text = format!("{line}\n");
        let stream = Stream::Output;
        say::all(&Said { stream, text });
    }
}

/// Runs one file to its end. What failed has been told; the error is the exit code.
pub fn run_file(
    ground: &Ground,
    environment: &Environment,
    path: &Path,
    limit: Option<Limit>,
) -> Result<(), u8> {
    let name = CString::new(path.as_os_str().as_bytes()).map_err(|_| FAILED)?;
    let program = Program {
        paths: vec![name.clone()],
        words: vec![name],
    };
    // Where we are a probe, the deadline of whoever asks is for the hook too.
    let place = if limit.is_none() && ground.pid != 1 {
        Place::Same
    } else {
        Place::Group
    };
    let done = errand::run(
        ground,
        &Errand {
            limit,
            place,
            ..Errand::new(&program, environment)
        },
    )?;
    if done.expired {
        say::warn(format_args!("{} did not end in time", path.display()));
        return Err(boatyard_init::exit::TIMEOUT);
    }
    match done.ending.code() {
        0 => Ok(()),
        code => Err(code),
    }
}
