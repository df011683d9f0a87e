//! A container of the poor: `unshare`, `mount`, `chroot`, `setpriv`.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::binary::binary;
use crate::running::Running;

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
