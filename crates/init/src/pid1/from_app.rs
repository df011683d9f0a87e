//! The environment of the running role, for commands that come later: `deploy_env` may give another one each time.
//!
//! `/proc/PID/environ` of the main process would not do: nginx, and whatever sets its title, writes over it. So init keeps
//! what it gave in a file in memory, which is found among its descriptors by its name.

use std::ffi::CStr;
use std::fs;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use boatyard_init::environment::Environment;
use boatyard_init::exit;

use super::sys::memory;
use super::{say, sources};

/// As the kernel shows it.
const NAME: &CStr = c"boatyard-environment";

/// What a terminal is like belongs to the caller.
const OF_THE_CALLER: [&str; 3] = ["TERM", "COLUMNS", "LINES"];

/// Keeps the environment of a role for as long as the value lives; none where the kernel cannot.
pub fn keep(environment: &Environment) -> Option<OwnedFd> {
    memory::keep(NAME, &environment.entries().join(&0)).ok()
}

/// The environment of the role that runs in this container. What failed has been told; the error is the exit code.
pub fn take(given: &Environment) -> Result<Environment, u8> {
    let bytes = find().and_then(|path| fs::read(path).ok());
    let Some(bytes) = bytes else {
        say::warn(
            "no role runs here whose environment can be read: it has to be started by boatyard-init, by this user, and /proc be mounted",
        );
        return Err(exit::UNAVAILABLE);
    };
    let entries = bytes.split(|&byte| byte == 0).map(<[u8]>::to_vec);
    let mut ours = Environment::new(entries.collect());
    ours.set(sources::DONE, sources::TAKEN);
    for name in OF_THE_CALLER {
        if let Some(value) = given.get(name) {
            ours.set(name, value);
        }
    }
    Ok(ours)
}

/// Where it is kept. Containers of a pod may share their processes, but not their mounts; so the one is ours that has our
/// mounts. Of several roles in one container the first counts.
fn find() -> Option<PathBuf> {
    let mounts = fs::read_link("/proc/self/ns/mnt").ok()?;
    let entries = fs::read_dir("/proc").ok()?;
    let mut pids: Vec<u32> = entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .collect();
    pids.sort_unstable();
    pids.into_iter().find_map(|pid| {
        let process = PathBuf::from(format!("/proc/{pid}"));
        let theirs = fs::read_link(process.join("ns/mnt")).ok()?;
        (theirs == mounts).then(|| kept_by(&process))?
    })
}

fn kept_by(process: &Path) -> Option<PathBuf> {
    let descriptors = fs::read_dir(process.join("fd")).ok()?;
    let wanted = format!("/memfd:{} (deleted)", NAME.to_string_lossy());
    descriptors
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| fs::read_link(path).is_ok_and(|target| target == Path::new(&wanted)))
}
