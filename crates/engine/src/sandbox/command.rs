//! Finding the program inside its root, and becoming it.

use std::convert::Infallible;
use std::ffi::CString;
use std::path::{Path, PathBuf};

use super::channel::Channel;
use super::error::SandboxError;
use super::identity::{Confinement, settle};
use super::spec::{DEFAULT_PATH, Program};
use super::supervise::die_with_parent;
use crate::sys;

/// Restricts this process and executes the program. Returns only if that fails. `parent` is the pipe to the helper.
pub(super) fn execute(
    program: &Program,
    confinement: &Confinement,
    parent: &Channel,
) -> Result<Infallible, SandboxError> {
    settle(program)?;
    confinement.apply()?;
    die_with_parent(parent)?;
    sys::signal::reset();
    let command = program.argv.first().cloned().unwrap_or_default();
    let path = program
        .env
        .iter()
        .rev()
        .find(|(key, _)| key == "PATH")
        .map_or(DEFAULT_PATH, |(_, value)| value);
    let not_executable = |cause: std::io::Error| SandboxError::CommandNotExecutable {
        command: command.clone(),
        cause: cause.into(),
    };
    let argv = c_strings(program.argv.iter().cloned()).map_err(not_executable)?;
    let env = c_strings(
        program
            .env
            .iter()
            .map(|(key, value)| format!("{key}={value}")),
    )
    .map_err(not_executable)?;
    let mut refused = None;
    for candidate in candidates(&command, path) {
        let candidate =
            c_string(candidate.into_os_string().into_encoded_bytes()).map_err(not_executable)?;
        let error = sys::process::exec(&candidate, &argv, &env);
        match error.raw_os_error() {
            Some(libc::ENOENT | libc::ENOTDIR) => {}
            // Search on, as shells do, but say this if nothing better is found.
            Some(libc::EACCES) => refused = Some(error),
            _ => return Err(not_executable(error)),
        }
    }
    Err(match refused {
        Some(error) => not_executable(error),
        None => SandboxError::CommandNotFound {
            path: (!command.contains('/')).then(|| path.to_owned()),
            command,
        },
    })
}

/// Where the command may be. An empty entry of the path means the working directory (POSIX).
fn candidates(command: &str, path: &str) -> Vec<PathBuf> {
    if command.is_empty() {
        return Vec::new();
    }
    if command.contains('/') {
        return vec![PathBuf::from(command)];
    }
    path.split(':')
        .map(|folder| Path::new(if folder.is_empty() { "." } else { folder }).join(command))
        .collect()
}

fn c_strings(strings: impl Iterator<Item = String>) -> std::io::Result<Vec<CString>> {
    strings.map(String::into_bytes).map(c_string).collect()
}

fn c_string(bytes: Vec<u8>) -> std::io::Result<CString> {
    CString::new(bytes).map_err(|_| std::io::Error::from_raw_os_error(libc::EINVAL))
}
