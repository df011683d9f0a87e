//! Which processes init can reach beside the main one.

use std::collections::BTreeSet;
use std::fs;
use std::io;

use boatyard_init::signal::Signal;

use super::sys::process;

/// The inode of the first pid namespace of the machine (`PROC_PID_INIT_INO` in the kernel's `proc_ns.h`).
const INITIAL_NAMESPACE: &str = "pid:[4026531836]";

/// How to reach every process of the container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// `kill(-1)`: init is PID 1 of a namespace of its own.
    Namespace,
    /// By walking down from init in `/proc`.
    Family,
    /// Not at all.
    Nobody,
}

impl Reach {
    /// Finds out, before init has any child. `kill(-1)` is chosen only where it provably stays inside the container:
    /// in the first namespace it would end the whole machine.
    pub fn find(pid: i32) -> Self {
        // The first namespace always has a PID 2, the parent of all kernel threads. Asking for it needs no `/proc`.
        if pid == 1 && (process::is_missing(2) || is_inside()) {
            return Self::Namespace;
        }
        let proc_is_ours = fs::read_link("/proc/self")
            .is_ok_and(|link| link.to_str().and_then(|name| name.parse().ok()) == Some(pid));
        if proc_is_ours && children(pid).is_ok() {
            Self::Family
        } else {
            Self::Nobody
        }
    }
}

/// Whether `/proc` says that this is not the first namespace.
fn is_inside() -> bool {
    fs::read_link("/proc/self/ns/pid")
        .is_ok_and(|namespace| namespace.as_os_str() != INITIAL_NAMESPACE)
}

/// Sends a signal to all that can be reached. Those that are gone, or may not be signalled, are none of our business.
pub fn send(reach: Reach, signal: Signal) {
    match reach {
        Reach::Namespace => drop(process::kill(-1, signal)),
        Reach::Family => {
            for pid in descendants(process::id()) {
                drop(process::kill(pid, signal));
            }
        }
        Reach::Nobody => {}
    }
}

/// Every process below init that is there now, parents before children. Empty where `/proc` cannot tell.
pub fn descendants(pid: i32) -> Vec<i32> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::from([pid]);
    let mut next = vec![pid];
    while let Some(parent) = next.pop() {
        for child in children(parent).unwrap_or_default() {
            if seen.insert(child) {
                found.push(child);
                next.push(child);
            }
        }
    }
    found
}

/// The children of all threads of a process (`/proc/PID/task/TID/children`, see proc(5)).
fn children(pid: i32) -> io::Result<Vec<i32>> {
    let mut all = Vec::new();
    for task in fs::read_dir(format!("/proc/{pid}/task"))? {
        let list = fs::read_to_string(task?.path().join("children"))?;
        all.extend(
            list.split_ascii_whitespace()
                .filter_map(|n| n.parse::<i32>().ok()),
        );
    }
    Ok(all)
}
