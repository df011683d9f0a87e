//! Programs that tell variables, without any shell (Buildpack API, "exec.d").

use std::ffi::{CString, OsStr};
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use boatyard_init::environment::{self, Environment};
use boatyard_init::exit;

use super::command::Program;
use super::errand::{self, Errand, Limit};
use super::ground::Ground;
use super::say;

/// The descriptor on which a program writes.
const REPORT: i32 = 3;

/// How long a program may take.
const LIMIT: Limit = Limit {
    after: Duration::from_secs(60),
    grace: Duration::ZERO,
};

/// Runs the programs of a folder, then those of the role's folder in it, in the order of their names. What failed has
/// been told; the error is the exit code.
pub fn run_all(
    ground: &Ground,
    environment: &mut Environment,
    folder: &Path,
    role: Option<&str>,
) -> Result<(), u8> {
    let of_role = role.map(|role| folder.join(role));
    for folder in [folder.to_owned()].into_iter().chain(of_role) {
        for path in programs(&folder) {
            run(ground, environment, &path)?;
        }
    }
    Ok(())
}

fn programs(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let is_program = |path: &PathBuf| {
        fs::metadata(path)
            .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
    };
    let mut found: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(is_program)
        .collect();
    found.sort();
    found
}

fn run(ground: &Ground, environment: &mut Environment, path: &Path) -> Result<(), u8> {
    let Ok(name) = CString::new(path.as_os_str().as_bytes()) else {
        return Ok(());
    };
    let program = Program {
        paths: vec![name.clone()],
        words: vec![name],
    };
    let done = errand::run(
        ground,
        &Errand {
            without_input: true,
            output_to_error: true,
            report: Some(REPORT),
            limit: Some(LIMIT),
            leaves_nothing: true,
            ..Errand::new(&program, environment)
        },
    )?;
    let path = OsStr::display(path.as_os_str());
    if done.expired {
        say::warn(format_args!(
            "{path} did not end in {} s",
            LIMIT.after.as_secs()
        ));
        return Err(exit::TIMEOUT);
    }
    if done.ending.code() != 0 {
        say::warn(format_args!(
            "{path} failed with exit code {}",
            done.ending.code()
        ));
        return Err(done.ending.code());
    }
    match environment::variables(&done.report) {
        Ok(variables) => {
            for (name, value) in variables {
                environment.set(name, value);
            }
            Ok(())
        }
        Err(unusable) => {
            say::warn(format_args!("{path}: {unusable}"));
            Err(exit::CONFIG)
        }
    }
}
