//! Running a main process under an init, and looking at it.

use std::fs;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use super::table::Init;
use crate::container::{Container, Outcome, PATIENCE, User, finish};
use crate::running::Running;

impl Init {
    /// The command line of this init with a main process.
    pub fn words<'a>(&'a self, main: &[&'a str]) -> Vec<&'a str> {
        [&[self.program], self.flags, main].concat()
    }

    /// The same for a shell; the words of the main process have to be safe for it.
    pub fn line(&self, main: &str) -> String {
        format!("{} {} {main}", self.program, self.flags.join(" "))
    }

    /// Starts it as PID 1.
    pub fn start(&self, container: &Container, user: User, main: &[&str]) -> Running {
        Running::new(container.command(user, &self.words(main)))
    }
}

/// Runs a line of bash as PID 1, to its end.
pub fn bash(container: &Container, user: User, line: &str) -> Outcome {
    finish(container.command(user, &["bash", "-c", line]))
}

/// Sends a process of the host's numbering a signal.
pub fn send(pid: u32, signal: &str) {
    let sent = Command::new("kill")
        .args(["-s", signal, &pid.to_string()])
        .status();
    assert!(sent.unwrap().success(), "kill -s {signal} {pid}");
}

/// The children of a process.
pub fn children(pid: u32) -> Vec<u32> {
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
    let children = children.unwrap_or_default();
    children
        .split_whitespace()
        .map(|pid| pid.parse().unwrap())
        .collect()
}

/// Waits until a process has taken all signals that were sent to it, or is gone.
pub fn wait_until_taken(pid: u32) {
    wait_until(|| {
        let Ok(status) = fs::read_to_string(format!("/proc/{pid}/status")) else {
            return true;
        };
        let pending = |line: &&str| line.starts_with("SigPnd:") || line.starts_with("ShdPnd:");
        let none = status
            .lines()
            .filter(pending)
            .all(|line| line.ends_with("\t0000000000000000"));
        none && (status.contains("(sleeping)") || status.contains("(zombie)"))
    });
}

/// Waits until it is so.
pub fn wait_until(is_so: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < end, "it never happens");
        thread::yield_now();
    }
}

/// Whether a process sleeps through one of three windows of this length.
pub fn sleeps(running: &Running, window: Duration) -> bool {
    let status = format!("/proc/{}/status", running.init());
    let switches = || -> String {
        let status = fs::read_to_string(&status).unwrap();
        let lines = status.lines().filter(|line| line.contains("ctxt_switches"));
        lines.collect()
    };
    (0..3).any(|_| {
        let before = switches();
        running.is_silent(window) && before == switches()
    })
}
