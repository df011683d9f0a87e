//! A container that runs, and what it says.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::container::{Outcome, PATIENCE};

/// The longest that a test waits for one of many lines.
const FLOOD: Duration = Duration::from_secs(120);

/// A container that runs. Dies with this value.
pub struct Running {
    child: Child,
    lines: Receiver<String>,
}

impl Running {
    /// Starts a command with open standard input and reads its output.
    pub fn new(mut command: Command) -> Self {
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Self { child, lines }
    }

    /// The next line of output.
    pub fn line(&self) -> String {
        self.lines
            .recv_timeout(PATIENCE)
            .expect("a line of output in time")
    }

    /// The next line of output; as long as there is none, it is urged.
    pub fn line_urged(&self, urge: impl Fn()) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            match self.lines.recv_timeout(Duration::from_secs(1)) {
                Err(RecvTimeoutError::Timeout) if Instant::now() < end => urge(),
                line => return line.expect("a line of output in time"),
            }
        }
    }

    /// The next line of output; none at its end.
    pub fn next(&self) -> Option<String> {
        match self.lines.recv_timeout(PATIENCE) {
            Ok(line) => Some(line),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("neither a line of output nor its end"),
        }
    }

    /// The next line of output before `end`; a flood of lines, of which there is always one, ends there too.
    fn line_before(&self, end: Instant) -> Result<String, RecvTimeoutError> {
        match end.saturating_duration_since(Instant::now()) {
            Duration::ZERO => Err(RecvTimeoutError::Timeout),
            left => self.lines.recv_timeout(left),
        }
    }

    /// Waits until a line is as wanted, while there are others in time.
    fn line_that(&self, is_wanted: impl Fn(&str) -> bool) {
        let end = Instant::now() + FLOOD;
        let mut last = String::new();
        loop {
            match self.line_before(end.min(Instant::now() + PATIENCE)) {
                Ok(line) if is_wanted(&line) => return,
                Ok(line) => last = line,
                Err(error) => panic!("the line that is waited for: {error}, after {last:?}"),
            }
        }
    }

    /// Waits until a line has this in it.
    pub fn tells(&self, wanted: &str) {
        self.line_that(|line| line.contains(wanted));
    }

    /// Whether a line of output is this one, at most after this time.
    pub fn says_within(&self, time: Duration, wanted: &str) -> bool {
        let end = Instant::now() + time;
        while let Ok(line) = self.line_before(end) {
            if line == wanted {
                return true;
            }
        }
        false
    }

    /// Whether its output ends, at most after this time.
    pub fn ends_within(&self, time: Duration) -> bool {
        let end = Instant::now() + time;
        loop {
            if let Err(error) = self.line_before(end) {
                return error == RecvTimeoutError::Disconnected;
            }
        }
    }

    /// Waits until a line is this one.
    pub fn expect(&self, wanted: &str) {
        // A terminal ends lines with a carriage return too.
        self.line_that(|line| line.trim_end_matches('\r') == wanted);
    }

    /// Whether nothing is written for so long.
    pub fn is_silent(&self, time: Duration) -> bool {
        self.lines.recv_timeout(time) == Err(RecvTimeoutError::Timeout)
    }

    /// Writes to its standard input.
    pub fn press(&mut self, keys: &[u8]) {
        self.child.stdin.as_mut().unwrap().write_all(keys).unwrap();
    }

    /// Init's process id on the host: the only child of `unshare`.
    pub fn init(&self) -> u32 {
        self.find_init().expect("unshare has a child")
    }

    /// The same, if `unshare` has got that far.
    pub fn find_init(&self) -> Option<u32> {
        let unshare = self.child.id();
        let children = fs::read_to_string(format!("/proc/{unshare}/task/{unshare}/children"));
        children.ok()?.trim().parse().ok()
    }

    /// Sends init a signal (a name or a number) from outside of its namespace.
    pub fn signal(&self, signal: &str) {
        let pid = self.init().to_string();
        let status = Command::new("kill")
            .args(["-s", signal, &pid])
            .status()
            .unwrap();
        assert!(status.success(), "kill -s {signal} {pid}");
    }

    /// The same, to an init that may have ended of the one before.
    pub fn signal_again(&self, signal: &str) {
        let Some(pid) = self.find_init() else {
            return;
        };
        let words = ["-s", signal, &pid.to_string()];
        Command::new("kill").args(words).output().unwrap();
    }

    /// Waits until init has slept for so long without waking up and nothing was written. A machine with other work may let it wait before it
    /// gets there; one that wakes up again and again never does.
    pub fn sleeps_for(&self, time: Duration) {
        let status = format!("/proc/{}/status", self.init());
        let switches = || -> Vec<String> {
            let status = fs::read_to_string(&status).unwrap();
            let counts = |line: &&str| line.contains("ctxt_switches") || line.starts_with("State");
            status.lines().filter(counts).map(str::to_owned).collect()
        };
        let end = Instant::now() + PATIENCE;
        loop {
            let before = switches();
            let silent = self.is_silent(time);
            let after = switches();
            if silent && before == after && before.iter().any(|line| line.contains("(sleeping)")) {
                return;
            }
            assert!(Instant::now() < end, "{before:?}, then {after:?}");
        }
    }

    /// Closes the standard input and waits for the end, as [`Self::end_with_open_input`].
    pub fn end(mut self) -> Outcome {
        drop(self.child.stdin.take());
        self.end_with_open_input()
    }

    /// Waits for the end, and gives what was written and not yet read.
    pub fn end_with_open_input(mut self) -> Outcome {
        let input = self.child.stdin.take();
        let mut stderr = String::new();
        let mut pipe = self.child.stderr.take().unwrap();
        pipe.read_to_string(&mut stderr).unwrap();
        let code = self.child.wait().unwrap().code();
        drop(input);
        let stdout = self.lines.iter().map(|line| line + "\n").collect();
        Outcome {
            code,
            stdout,
            stderr,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // `--kill-child` does not reach one that has changed its user since (prctl(2), PR_SET_PDEATHSIG).
        if let Some(init) = self.find_init() {
            let _ = Command::new("kill")
                .args(["-9", &init.to_string()])
                .status();
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_flood_of_lines_keeps_no_test_waiting() {
    let mut command = Command::new("sh");
    let flood = ["-c", "while :; do echo flood; done"];
    command
        .args(flood)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let running = Running::new(command);
    assert!(!running.ends_within(Duration::from_secs(1)));
    assert!(!running.says_within(Duration::from_secs(1), "ebb"));
}
