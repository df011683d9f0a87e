//! User namespaces: being root among users of our own.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rustix::process::{WaitOptions, getpid, waitpid};
use rustix::thread::{Gid, Uid, UnshareFlags, set_thread_res_gid, set_thread_res_uid};

use super::error::HostError;
use super::model::{Caller, Notice, Privilege};
use super::subordinate::{self, Range};
use crate::sys::{
    self,
    process::{Forked, fork},
};

/// Whether we are in a user namespace, and how many users it has (at most `u32::MAX`). None: this machine's own.
pub(super) fn inside() -> Option<u32> {
    let map = std::fs::read_to_string("/proc/self/uid_map").ok()?;
    let mut lines = map.lines().map(|line| {
        line.split_whitespace()
            .filter_map(|field| field.parse::<u32>().ok())
    });
    let first: Vec<u32> = lines.next()?.collect();
    if first == [0, 0, u32::MAX] {
        return None;
    }
    let rest = lines.filter_map(|mut line| line.nth(2));
    Some(rest.fold(first.get(2).copied().unwrap_or(0), u32::saturating_add))
}

/// Enters a new user namespace as its root, with all the users that may be in it: the caller as root, his subordinate
/// ids from 1 on. Without those, or without the programs that hand them out, the caller is alone in it.
pub(super) fn enter(caller: Caller, notices: &mut Vec<Notice>) -> Result<Privilege, HostError> {
    let subordinate = match subordinate::of_caller(caller) {
        Ok(found) => Some(found),
        Err(missing) => {
            notices.push(Notice {
                message: format!("{missing}: everything in containers belongs to one user, and changes of owner do nothing"),
                help: Some("\"boatyard doctor\" says what to install or set".to_owned()),
            });
            None
        }
    };
    let Some(found) = subordinate else {
        unshare()?;
        map_only_caller(caller).map_err(|cause| HostError::NoUserNamespace { cause })?;
        return Ok(Privilege::Single);
    };
    let helpers = [
        Mapper::start(found.newuidmap, caller.uid, &found.uids)?,
        Mapper::start(found.newgidmap, caller.gid, &found.gids)?,
    ];
    unshare()?;
    for helper in helpers {
        helper.map()?;
    }
    become_root().map_err(|error| HostError::NoUserNamespace {
        cause: error.into(),
    })?;
    let count = |ranges: &[Range]| {
        ranges
            .iter()
            .fold(1, |sum: u32, range| sum.saturating_add(range.count))
    };
    Ok(Privilege::Mapped {
        count: count(&found.uids).min(count(&found.gids)),
    })
}

fn unshare() -> Result<(), HostError> {
    // Not before there is one thread: the kernel would say EINVAL, which explains nothing.
    let threads = std::fs::read_dir("/proc/self/task").map_or(1, Iterator::count);
    if threads > 1 {
        return Err(HostError::Threads);
    }
    sys::namespace::unshare(UnshareFlags::NEWUSER | UnshareFlags::NEWNS).map_err(|error| {
        HostError::NoUserNamespace {
            cause: error.into(),
        }
    })?;
    // Children find us by /proc/PID/fd and the like, which is closed to them while we count as not dumpable, as a
    // process that changed its rights does (prctl(2), PR_SET_DUMPABLE).
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::Dumpable);
    Ok(())
}

fn map_only_caller(caller: Caller) -> std::io::Result<()> {
    std::fs::write("/proc/self/setgroups", "deny")?;
    std::fs::write("/proc/self/uid_map", format!("0 {} 1", caller.uid))?;
    std::fs::write("/proc/self/gid_map", format!("0 {} 1", caller.gid))
}

/// Real, effective and saved ids become root's. The caller's other groups stay: he may own nothing but through them.
fn become_root() -> rustix::io::Result<()> {
    set_thread_res_gid(Gid::ROOT, Gid::ROOT, Gid::ROOT)?;
    set_thread_res_uid(Uid::ROOT, Uid::ROOT, Uid::ROOT)
}

/// A child that stays outside of the namespace, waits until we are inside, and then runs the program that maps us.
struct Mapper {
    child: rustix::process::Pid,
    go: std::io::PipeWriter,
    answer: std::io::PipeReader,
    program: PathBuf,
}

impl Mapper {
    /// Forks the child. `own` becomes root, `ranges` follow.
    fn start(program: PathBuf, own: u32, ranges: &[Range]) -> Result<Self, HostError> {
        let probe = |what| move |cause| HostError::Probe { what, cause };
        let (mut wait, go) = std::io::pipe().map_err(probe("open a pipe"))?;
        let (answer, mut say) = std::io::pipe().map_err(probe("open a pipe"))?;
        let arguments = arguments(getpid().as_raw_nonzero().get(), own, ranges);
        let forked = fork().map_err(|cause| match cause.raw_os_error() {
            Some(libc::EDEADLK) => HostError::Threads,
            _ => HostError::Probe {
                what: "fork",
                cause,
            },
        })?;
        match forked {
            Forked::Child => {
                drop(go);
                drop(answer);
                let mut byte = [0];
                if wait.read_exact(&mut byte).is_ok()
                    && let Err(message) = run(&program, &arguments)
                {
                    let _ = say.write_all(message.as_bytes());
                }
                sys::process::exit(0)
            }
            Forked::Parent(child) => Ok(Self {
                child,
                go,
                answer,
                program,
            }),
        }
    }

    /// Lets the child run its program, and waits until that is done.
    fn map(self) -> Result<(), HostError> {
        let Self {
            child,
            mut go,
            mut answer,
            program,
        } = self;
        let mut message = String::new();
        let exchanged = go
            .write_all(b"!")
            .and_then(|()| answer.read_to_string(&mut message));
        let _ = waitpid(Some(child), WaitOptions::empty());
        exchanged.map_err(|cause| HostError::Probe {
            what: "run a program outside of our user namespace",
            cause,
        })?;
        if message.is_empty() {
            Ok(())
        } else {
            Err(HostError::Mapping { program, message })
        }
    }
}

/// Arguments of newuidmap(1) and newgidmap(1): process, then triples of inside, outside, count.
fn arguments(pid: i32, own: u32, ranges: &[Range]) -> Vec<String> {
    let mut arguments = vec![
        pid.to_string(),
        "0".to_owned(),
        own.to_string(),
        "1".to_owned(),
    ];
    let mut inside = 1;
    for range in ranges {
        arguments.extend([inside, range.first, range.count].map(|number| number.to_string()));
        inside += range.count;
    }
    arguments
}

fn run(program: &Path, arguments: &[String]) -> Result<(), String> {
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let printed = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(if printed.is_empty() {
        output.status.to_string()
    } else {
        printed
    })
}
