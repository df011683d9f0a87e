//! Processes of a container, as /proc shows them from outside (proc(5)).

use std::collections::BTreeMap;
use std::fs;

use boatyard_plan::verify::Identity;

use crate::process_stat::{self, ProcessStat};

/// What has others run and does nothing itself: the application is below it.
const WRAPPERS: [&str; 11] = [
    "boatyard-init",
    "tini",
    "tini-static",
    "dumb-init",
    "catatonit",
    "docker-init",
    "podman-init",
    "s6-svscan",
    "s6-supervise",
    "sudo",
    "su",
];

/// What runs others, and may be the application itself.
const SHELLS: [&str; 5] = ["sh", "bash", "dash", "ash", "busybox"];

/// What a shell waits with: the shell is the application then.
const PAUSES: [&str; 2] = ["sleep", "tail"];

/// A process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Process {
    pub pid: i32,
    pub parent: i32,
    pub name: String,
    /// `R`, `S`, `D`, `Z`, ...
    pub state: char,
    /// Processor time, ticks.
    pub ticks: u64,
}

/// PID 1 of a container and all below it, by number; empty if it is gone.
pub(super) fn below(first: i32) -> BTreeMap<i32, Process> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return BTreeMap::new();
    };
    let all: Vec<Process> = entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(one)
        .collect();
    let mut found = BTreeMap::new();
    let mut left = vec![first];
    while let Some(pid) = left.pop() {
        if let Some(process) = all.iter().find(|process| process.pid == pid)
            && found.insert(pid, process.clone()).is_none()
        {
            let children = all.iter().filter(|process| process.parent == pid);
            left.extend(children.map(|process| process.pid));
        }
    }
    found
}

/// One process, if it is there.
pub(super) fn one(pid: i32) -> Option<Process> {
    let ProcessStat {
        name,
        state,
        parent,
        ticks,
    } = process_stat::read(pid)?;
    let mut process = Process {
        pid,
        parent,
        name,
        state,
        ticks,
    };
    if process.name == "busybox"
        && let Ok(words) = fs::read_to_string(format!("/proc/{pid}/cmdline"))
        && let Some(applet) = applet(&words)
    {
        process.name = applet;
    }
    Some(process)
}

/// What busybox does: it is told by its own name, or by its first argument.
fn applet(words: &str) -> Option<String> {
    let mut words = words
        .split('\0')
        .map(|word| word.rsplit('/').next().unwrap_or(word));
    words.find(|word| *word != "busybox").map(str::to_owned)
}

/// The process that does the work: PID 1, or what is below inits and shells.
pub(super) fn application(first: i32, all: &BTreeMap<i32, Process>) -> Option<&Process> {
    let mut at = all.get(&first)?;
    loop {
        let children = all
            .values()
            .filter(|process| process.parent == at.pid && process.state != 'Z');
        let name = at.name.as_str();
        let is_shell = SHELLS.contains(&name);
        let next = children
            .filter(|process| !(is_shell && PAUSES.contains(&process.name.as_str())))
            .min_by_key(|process| process.pid);
        match next {
            Some(next) if is_shell || WRAPPERS.contains(&name) => at = next,
            _ => return Some(at),
        }
    }
}

/// What `/proc/PID/status` says of signals, one bit each, and of users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Status {
    pub identity: Identity,
    pub pending: u64,
    pub blocked: u64,
    pub ignored: u64,
    pub caught: u64,
}

/// The status of a process, if it is there.
pub(super) fn status(pid: i32) -> Option<Status> {
    read_status(&fs::read_to_string(format!("/proc/{pid}/status")).ok()?)
}

fn read_status(text: &str) -> Option<Status> {
    let fields: BTreeMap<&str, &str> = text
        .lines()
        .filter_map(|line| line.split_once(':'))
        .collect();
    let numbers = |name: &str| -> Option<Vec<u32>> {
        let words = fields.get(name)?.split_whitespace();
        words.map(|word| word.parse().ok()).collect()
    };
    let bits = |name: &str| u64::from_str_radix(fields.get(name)?.trim(), 16).ok();
    Some(Status {
        identity: Identity {
            // Real, effective, saved, of the file system.
            uid: *numbers("Uid")?.get(1)?,
            gid: *numbers("Gid")?.get(1)?,
            groups: numbers("Groups")?,
        },
        // Of the process, or of its first thread.
        pending: bits("ShdPnd")? | bits("SigPnd")?,
        blocked: bits("SigBlk")?,
        ignored: bits("SigIgn")?,
        caught: bits("SigCgt")?,
    })
}

/// Ports that something listens on in the network of a process.
pub(super) fn listening(pid: i32) -> Vec<u16> {
    let tables = ["tcp", "tcp6"].map(|name| fs::read_to_string(format!("/proc/{pid}/net/{name}")));
    tables
        .iter()
        .flatten()
        .flat_map(|table| table.lines().skip(1))
        .filter_map(listener)
        .collect()
}

/// The port of a line of `/proc/PID/net/tcp` if it is a listener: `sl local_address rem_address st ...`, state 0A.
fn listener(line: &str) -> Option<u16> {
    let mut fields = line.split_whitespace().skip(1);
    let (_, port) = fields.next()?.rsplit_once(':')?;
    let state = fields.nth(1)?;
    (state == "0A").then(|| u16::from_str_radix(port, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(pid: i32, parent: i32, name: &str) -> (i32, Process) {
        let process = Process {
            pid,
            parent,
            name: name.to_owned(),
            state: 'S',
            ticks: 0,
        };
        (pid, process)
    }

    #[test]
    fn busybox_is_what_it_does() {
        for words in ["/bin/sleep\x001\0", "/bin/busybox\0sleep\x001\0"] {
            assert_eq!(applet(words).as_deref(), Some("sleep"));
        }
    }

    #[test]
    fn what_does_the_work() {
        for (list, expected) in [
            (vec![(10, 1, "gunicorn"), (11, 10, "gunicorn")], 10),
            (
                vec![
                    (10, 1, "boatyard-init"),
                    (11, 10, "sh"),
                    (12, 11, "python3"),
                ],
                12,
            ),
            (vec![(10, 1, "sh"), (11, 10, "sleep")], 10),
            (vec![(10, 1, "sh"), (11, 10, "python3")], 11),
            (vec![(10, 1, "tini")], 10),
        ] {
            let all = list
                .iter()
                .map(|&(pid, parent, name)| process(pid, parent, name))
                .collect();
            assert_eq!(application(10, &all).unwrap().pid, expected, "{list:?}");
        }
        assert_eq!(application(10, &BTreeMap::new()), None);
    }

    #[test]
    fn status_and_listeners() {
        let text = "Name:\tx\nUid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\nGroups:\t9 10 \nSigPnd:\t0000000000000000\nShdPnd:\t0000000000004000\nSigBlk:\t0000000000000100\nSigIgn:\t0000000000001000\nSigCgt:\t0000000000004002\n";
        let found = read_status(text).unwrap();
        assert_eq!((found.identity.uid, found.identity.gid), (2, 6));
        assert_eq!(found.identity.groups, [9, 10]);
        assert_eq!((found.pending, found.ignored), (0x4000, 0x1000));
        assert_eq!((found.blocked, found.caught), (0x100, 0x4002));
        assert_eq!(
            listener("   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000"),
            Some(8080)
        );
        assert_eq!(
            listener("   0: 0100007F:1F90 00000000:0000 01 00000000:00000000"),
            None
        );
    }
}
