//! A container of the poor: `unshare`, `mount`, `chroot`, `setpriv`.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::binary::binary;

/// The longest that a test waits for anything.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Who init is in the container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum User {
    /// Root with what the container gives.
    Root,
    /// A user without a name, a home or a capability, who can gain none (`no_new_privs`).
    Nobody,
}

/// A root file system with init in it as `/init`, and the host's programs.
pub struct Container {
    root: TempDir,
    /// The commands that mount the host's programs and `/proc`; the root is `$0`.
    mounts: String,
}

/// How init ended, and what was written.
#[derive(Debug)]
pub struct Outcome {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Container {
    /// Makes it, or says why not.
    pub fn new() -> Option<Self> {
        let attempt = Command::new("unshare")
            .args(["-fpm", "--mount-proc", "true"])
            .output();
        let why = match attempt {
            Ok(output) if output.status.success() => None,
            Ok(output) => Some(String::from_utf8_lossy(&output.stderr).into_owned()),
            Err(error) => Some(error.to_string()),
        };
        if let Some(why) = why {
            // Not by eprintln, which the test harness keeps to itself.
            let line = format!("not run: no pid namespace: {}\n", why.trim());
            let _ = std::io::stderr().write_all(line.as_bytes());
            return None;
        }
        let root = TempDir::new().unwrap();
        fs::set_permissions(root.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let mounts = lay_out(root.path());
        let container = Self { root, mounts };
        fs::copy(binary(), container.path("init")).unwrap();
        Some(container)
    }

    /// Makes its root read-only, seen from inside.
    pub fn read_only(mut self) -> Self {
        let (first, rest) = self.mounts.split_once(';').unwrap();
        self.mounts =
            format!("{first}; mount --bind \"$0\" \"$0\"; {rest} mount -o remount,bind,ro \"$0\";");
        self
    }

    /// A path of the container, seen from here.
    pub fn path(&self, path: &str) -> PathBuf {
        self.root.path().join(path)
    }

    /// Gives it a contract.
    pub fn contract(self, json: &str) -> Self {
        fs::create_dir_all(self.path("etc/boatyard")).unwrap();
        fs::write(self.path("etc/boatyard/contract.json"), json).unwrap();
        self
    }

    /// Gives it a file in `/scripts`.
    pub fn script(self, name: &str, text: &str, mode: u32) -> Self {
        fs::create_dir_all(self.path("scripts")).unwrap();
        let path = self.path("scripts").join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        self
    }

    /// The command that runs these words as PID 1, by default `/init` among them. Output is captured.
    pub fn command(&self, user: User, words: &[&str]) -> Command {
        let drop = match user {
            User::Root => "",
            User::Nobody => "setpriv --reuid=12345 --regid=0 --clear-groups --no-new-privs",
        };
        // Who starts the tests in the background may ignore signals, and that would be inherited.
        let mut command = Command::new("env");
        command
            .args(["--default-signal", "unshare"])
            .args(["-fpm", "--kill-child", "sh", "-c"])
            .arg(format!("{} exec chroot \"$0\" {drop} \"$@\"", self.mounts))
            .arg(self.root.path())
            .args(words)
            .env_clear()
            .env(
                "PATH",
                "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            )
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs init to its end.
    pub fn run(&self, user: User, words: &[&str]) -> Outcome {
        finish(self.command(user, &[&["/init"], words].concat()))
    }

    /// Starts init; its standard input is open.
    pub fn start(&self, user: User, words: &[&str]) -> Running {
        Running::new(self.command(user, &[&["/init"], words].concat()))
    }
}

/// Makes the folders to mount the host's on, and gives the commands that do it. What is a link on the host is one here. What is
/// shared in memory is the container's own: the last folder where init and others may write, and nothing stays of it.
fn lay_out(root: &Path) -> String {
    let mut mounts = vec!["set -e; mount -t proc proc \"$0/proc\";".to_owned()];
    fs::create_dir(root.join("proc")).unwrap();
    for folder in ["bin", "dev", "lib", "lib64", "usr"] {
        let host = Path::new("/").join(folder);
        if let Ok(target) = fs::read_link(&host) {
            symlink(target, root.join(folder)).unwrap();
        } else if host.is_dir() {
            fs::create_dir(root.join(folder)).unwrap();
            mounts.push(format!("mount --rbind /{folder} \"$0/{folder}\";"));
        }
    }
    if Path::new("/dev/shm").is_dir() {
        mounts.push("mount -t tmpfs -o mode=1777 shm \"$0/dev/shm\";".to_owned());
    }
    mounts.concat()
}

/// Runs a command to its end.
pub fn finish(mut command: Command) -> Outcome {
    let output = command.output().unwrap();
    Outcome {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

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

    /// Whether a line of output is this one, at most after this time.
    pub fn says_within(&self, time: Duration, wanted: &str) -> bool {
        let end = Instant::now() + time;
        let left = || end.saturating_duration_since(Instant::now());
        while let Ok(line) = self.lines.recv_timeout(left()) {
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
            let left = end.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(_) => {}
                Err(error) => return error == RecvTimeoutError::Disconnected,
            }
        }
    }

    /// Waits until a line is this one.
    pub fn expect(&self, wanted: &str) {
        loop {
            // A terminal ends lines with a carriage return too.
            if self.line().trim_end_matches('\r') == wanted {
                return;
            }
        }
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
