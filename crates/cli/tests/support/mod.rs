//! What end-to-end tests need: the command on a home of its own, HTTP, and what is left on the machine.

#![allow(dead_code, reason = "each test file uses a part")]

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// The command under test.
pub const BOATYARD: &str = env!("CARGO_BIN_EXE_boatyard");

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// End-to-end tests share the machine's ports, cores and download cache: one at a time.
pub fn alone() -> MutexGuard<'static, ()> {
    ONE_AT_A_TIME
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// The project's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

/// A home that is kept between runs, so that packages are downloaded once.
pub fn kept_home() -> PathBuf {
    let home = std::env::var_os("BOATYARD_TEST_HOME").map_or_else(
        || Path::new(env!("CARGO_TARGET_TMPDIR")).join("home"),
        PathBuf::from,
    );
    std::fs::create_dir_all(&home).unwrap();
    home
}

/// Whether this process is root.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// A root file system of one file, if it is installed.
pub fn busybox() -> Option<PathBuf> {
    let places = ["/bin/busybox", "/usr/bin/busybox"].map(PathBuf::from);
    places.into_iter().find(|place| place.is_file())
}

/// Says why a test is not run; CI counts these lines.
pub fn not_run(why: &str) {
    println!("not run: {why}");
}

/// The command with a home and a project.
pub fn boatyard(home: &Path, project: &Path) -> Command {
    let mut command = Command::new(BOATYARD);
    command
        .arg("-C")
        .arg(project)
        .env("BOATYARD_HOME", home)
        // Whatever the disk of this machine: a home that tests share keeps what it has.
        .env("BOATYARD_KEEP_BYTES", "all")
        .env_remove("NO_COLOR")
        .stdin(Stdio::null());
    command
}

/// Runs a command to its end; the output is shown if the test fails.
pub fn output(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    println!(
        "$ {command:?}\n{}{}",
        text(&output.stdout),
        text(&output.stderr)
    );
    output
}

/// Runs a command that must succeed; returns its standard output.
pub fn succeed(command: &mut Command) -> String {
    let output = output(command);
    assert!(
        output.status.success(),
        "{command:?} ended with {}",
        output.status
    );
    text(&output.stdout)
}

/// Runs a command that must end with `code`; returns its standard error.
pub fn fail(command: &mut Command, code: i32) -> String {
    let output = output(command);
    assert_eq!(
        output.status.code(),
        Some(code),
        "{command:?}: {}",
        text(&output.stderr)
    );
    text(&output.stderr)
}

/// Bytes as text.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Copies a folder with all that is in it.
pub fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            copy_folder(&entry.path(), &target);
        } else if kind.is_symlink() {
            let to = std::fs::read_link(entry.path()).unwrap();
            std::os::unix::fs::symlink(to, target).unwrap();
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Waits until `condition` gives something; fails the test after `seconds`.
pub fn wait_for<T>(what: &str, seconds: u64, mut condition: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(seconds);
    loop {
        if let Some(found) = condition() {
            return found;
        }
        assert!(Instant::now() < deadline, "{what}: not within {seconds} s");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// One HTTP request to `url` (`http://host:port`); status and body.
pub fn http(url: &str, method: &str, path: &str, body: &str) -> Option<(u16, String)> {
    let address = url.strip_prefix("http://")?;
    let mut stream = TcpStream::connect(address).ok()?;
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .ok()?;
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let answer = text(&answer);
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some((status, body.to_owned()))
}

/// Stops what a test that failed left running.
pub struct Down {
    pub home: PathBuf,
    pub project: PathBuf,
}

impl Drop for Down {
    fn drop(&mut self) {
        let _ = boatyard(&self.home, &self.project).arg("down").output();
    }
}

/// What a run could leave on the machine: mounts, network interfaces, named network namespaces, processes of ours.
#[derive(Debug, PartialEq, Eq)]
pub struct Traces {
    mounts: BTreeSet<String>,
    interfaces: BTreeSet<String>,
    namespaces: BTreeSet<String>,
    processes: BTreeSet<String>,
}

impl Traces {
    /// What is there now and was not before. Other programs of the machine may take their own away meanwhile.
    pub fn left_since(&self, before: &Self) -> Vec<String> {
        [
            (&self.mounts, &before.mounts),
            (&self.interfaces, &before.interfaces),
            (&self.namespaces, &before.namespaces),
            (&self.processes, &before.processes),
        ]
        .into_iter()
        .flat_map(|(now, before)| now.difference(before).cloned())
        .collect()
    }

    /// What is there now. Processes: those that see `home`'s containers, or run our command.
    pub fn now(home: &Path) -> Self {
        let names = |folder: &str| {
            std::fs::read_dir(folder)
                .into_iter()
                .flatten()
                .flatten()
                .map(|entry| entry.file_name().to_string_lossy().into_owned())
                .collect::<BTreeSet<_>>()
        };
        let mounts = std::fs::read_to_string("/proc/self/mountinfo")
            .unwrap()
            .lines()
            // The kernel mounts tracefs by itself when anybody looks below debugfs.
            .filter(|line| !line.contains(" - tracefs "))
            .filter_map(|line| line.split(' ').nth(4).map(str::to_owned))
            .collect();
        let home = home.to_string_lossy().into_owned();
        let processes = names("/proc")
            .into_iter()
            .filter(|pid| {
                pid.parse::<u32>()
                    .is_ok_and(|pid| pid != std::process::id())
            })
            .filter(|pid| {
                let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
                // Other homes begin with the same name.
                text(&environment)
                    .split('\0')
                    .filter_map(|variable| variable.strip_prefix("BOATYARD_HOME="))
                    .any(|its| Path::new(its).starts_with(&home))
                    || std::fs::read_link(format!("/proc/{pid}/root"))
                        .is_ok_and(|root| root.starts_with(&home))
                    || std::fs::read(format!("/proc/{pid}/mountinfo"))
                        .is_ok_and(|mounts| text(&mounts).contains(&format!("{home}/")))
            })
            .collect();
        Self {
            mounts,
            interfaces: names("/sys/class/net"),
            namespaces: names("/run/netns"),
            processes,
        }
    }
}

/// A new home that has the kept home's downloads (packages, wheels, tools) and nothing else.
pub fn new_home() -> tempfile::TempDir {
    let home = tempfile::Builder::new()
        .prefix("home")
        .tempdir_in(env!("CARGO_TARGET_TMPDIR"))
        .unwrap();
    for part in ["cache", "tools"] {
        let kept = kept_home().join(part);
        if kept.is_dir() {
            copy_folder(&kept, &home.path().join(part));
        }
    }
    home
}

/// A project with a boatyard.toml and some files beside it.
pub fn project(boatyard_toml: &str, files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in [("boatyard.toml", boatyard_toml)].iter().chain(files) {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    folder
}

/// Digest of each image by service, from `build --json`.
pub fn digests(
    home: &Path,
    project: &Path,
    variables: &[(&str, &str)],
) -> std::collections::BTreeMap<String, String> {
    let mut command = boatyard(home, project);
    command
        .args(["build", "--json"])
        .envs(variables.iter().copied());
    let events = succeed(&mut command);
    let images = events
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    images
        .filter(|event| event["event"] == "image")
        .map(|event| {
            (
                event["service"].as_str().unwrap().to_owned(),
                event["digest"].as_str().unwrap().to_owned(),
            )
        })
        .collect()
}
