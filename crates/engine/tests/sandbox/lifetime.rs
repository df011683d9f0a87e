//! Who dies with whom, and who can come in.

use std::io::{BufRead, BufReader, Read};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio as Standard};

use boatyard_engine::host::Privilege;
use boatyard_engine::sandbox::{Caps, Program, Running, Sandbox, Spec, Stdio, User};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};

use crate::ALL;
use crate::world::{Case, On, World, chain};

pub const CASES: &[Case] = &[
    ("dropping kills everything inside", ALL, dropping),
    ("nothing survives the program", ALL, orphans),
    (
        "kill -9 of us leaves no process and no mount",
        ALL,
        parent_killed,
    ),
    (
        "kill -9 of the helper leaves no process",
        On::Namespaces,
        helper_killed,
    ),
    ("another program can join", ALL, join),
    (
        "joining a process that is gone is refused",
        ALL,
        join_nobody,
    ),
];

/// A tree of processes that ignore what they can, and would stay for ever.
const STUBBORN: &str = "trap '' TERM HUP INT; (trap '' TERM; sleep 86399 & (sleep 86399 & sleep 86399)) & echo ready; \
                        while :; do sleep 86399; done";

/// All processes that came from [`STUBBORN`] in this root.
fn stubborn(world: &World) -> Vec<OwnedFd> {
    let entries = std::fs::read_dir("/proc").expect("/proc").flatten();
    entries
        .filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok())
        .filter(|pid| {
            std::fs::read(format!("/proc/{pid}/cmdline"))
                .is_ok_and(|line| line.starts_with(b"sleep\086399\0"))
                && belongs(world, *pid)
        })
        .filter_map(|pid| pidfd_open(Pid::from_raw(pid)?, PidfdFlags::empty()).ok())
        .collect()
}

/// Other kinds of users may run their cases at the same time: the sleepers of this world run its own copy of `sleep`.
fn belongs(world: &World, pid: i32) -> bool {
    use std::os::unix::fs::MetadataExt;
    let ours = std::fs::metadata(world.root.join("usr/bin/sleep")).expect("sleep");
    std::fs::metadata(format!("/proc/{pid}/exe")).is_ok_and(|exe| exe.ino() == ours.ino())
}

/// Waits for the end of processes; fails if one is alive after a long while.
fn all_end(processes: &[OwnedFd]) {
    for process in processes {
        let patience = Timespec {
            tv_sec: 20,
            tv_nsec: 0,
        };
        let mut polled = [PollFd::new(process, PollFlags::IN)];
        assert_eq!(
            poll(&mut polled, Some(&patience)).expect("poll"),
            1,
            "a process is alive"
        );
    }
}

fn start_stubborn(world: &World) -> (Running, Vec<OwnedFd>) {
    let (running, mut output) = world.start(&world.line(STUBBORN)).expect("it starts");
    output.read_exact(&mut [0; 6]).expect("it is ready");
    let found = all_stubborn(world);
    (running, found)
}

/// All that one start makes: they come one after the other.
fn all_stubborn(world: &World) -> Vec<OwnedFd> {
    loop {
        let found = stubborn(world);
        if found.len() >= 4 {
            return found;
        }
        std::thread::yield_now();
    }
}

fn dropping(world: &World) {
    let (running, processes) = start_stubborn(world);
    drop(running);
    all_end(&processes);
    assert_eq!(stubborn(world).len(), 0);
}

fn orphans(world: &World) {
    let line = "(sleep 86399 >/dev/null 2>&1 &) ; sleep 86399 >/dev/null 2>&1 & exit 6";
    assert_eq!(world.run(&world.line(line)).0, 6);
    assert_eq!(stubborn(world).len(), 0);
}

/// A process that is killed at the latest when the case ends, however it ends.
struct Victim(Child);

impl Drop for Victim {
    fn drop(&mut self) {
        self.0.kill().expect("killed");
        self.0.wait().expect("reaped");
    }
}

/// Runs this binary again as a process that starts something stubborn and tells the number of its PID 1.
fn victim(world: &World) -> (Victim, i32) {
    let mut child = Command::new("/proc/self/exe")
        .env("BOATYARD_TEST_VICTIM", &world.root)
        .stdout(Standard::piped())
        .spawn()
        .expect("a victim");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("piped"))
        .read_line(&mut line)
        .expect("it speaks");
    (
        Victim(child),
        line.trim()
            .parse()
            .unwrap_or_else(|_| panic!("the victim said {line:?}")),
    )
}

/// The victim's side.
pub fn victim_main_if_asked() {
    let Some(root) = std::env::var_os("BOATYARD_TEST_VICTIM") else {
        return;
    };
    let host =
        boatyard_engine::host::enter(&boatyard_engine::host::Options::default()).expect("entering");
    let (mut reader, writer) = std::io::pipe().expect("a pipe");
    let mut spec = Spec::new(root, Program::new(["sh", "-c", STUBBORN]));
    spec.hostname = "victim".into();
    let stdio = [Stdio::Null, writer.into(), Stdio::Inherit];
    let mut running = Sandbox::default()
        .spawn(&host, &spec, stdio)
        .unwrap_or_else(|error| panic!("{}", chain(&error)));
    reader.read_exact(&mut [0; 6]).expect("it is ready");
    println!("{}", running.pid());
    let _ = running.wait();
    std::process::exit(0);
}

fn parent_killed(world: &World) {
    let mounts = || std::fs::read_to_string("/proc/self/mountinfo").expect("our mounts");
    let before = (mounts(), world.listing());
    let (child, pid) = victim(world);
    let first =
        pidfd_open(Pid::from_raw(pid).expect("a number"), PidfdFlags::empty()).expect("it lives");
    let mut processes = all_stubborn(world);
    processes.push(first);
    drop(child);
    all_end(&processes);
    assert_eq!(stubborn(world).len(), 0);
    // The helper cleans up after us; wait until it has.
    for _ in 0..10_000 {
        if world.listing() == before.1 {
            break;
        }
    }
    assert_eq!(mounts(), before.0);
    world.looks_like(&before.1);
}

fn helper_killed(world: &World) {
    let (mut running, processes) = start_stubborn(world);
    let stat =
        std::fs::read_to_string(format!("/proc/{}/stat", running.pid())).expect("its parent");
    let (_, fields) = stat.rsplit_once(')').expect("a name");
    let helper: i32 = fields
        .split_whitespace()
        .nth(1)
        .expect("a parent")
        .parse()
        .expect("a number");
    rustix::process::kill_process(
        Pid::from_raw(helper).expect("a number"),
        rustix::process::Signal::KILL,
    )
    .expect("killed");
    assert_eq!(running.wait().expect("it ends").code, 137);
    all_end(&processes);
}

fn join(world: &World) {
    let mut spec = world.container("echo ready; sleep 60; true");
    spec.hostname = "joined".into();
    let (running, mut output) = world.start(&spec).expect("it starts");
    output.read_exact(&mut [0; 6]).expect("it is ready");
    let mut program = Program::new([
        "sh",
        "-c",
        "hostname; id -u; test -e /proc/1/comm && cat /proc/1/comm; exit 9",
    ]);
    program.user = User {
        uid: 1000,
        gid: 1000,
        groups: Vec::new(),
    };
    program.caps = Caps::Run;
    let (code, text) = joined(running.pid(), &program);
    assert_eq!(code, 9, "{text}");
    if On::Namespaces.permits(world).is_ok() {
        assert_eq!(text, "joined\n1000\nsh\n");
    } else {
        assert!(text.ends_with("\n1000\n"), "{text}");
    }
    // What joined ends with it, not the sandbox.
    assert!(std::fs::metadata(format!("/proc/{}", running.pid())).is_ok());
}

fn joined(pid: i32, program: &Program) -> (i32, String) {
    let (mut reader, writer) = std::io::pipe().expect("a pipe");
    let errors = writer.try_clone().expect("another descriptor");
    let mut running = Sandbox::default()
        .join(pid, program, [Stdio::Null, writer.into(), errors.into()])
        .unwrap_or_else(|error| panic!("{}", chain(&error)));
    let mut text = String::new();
    reader.read_to_string(&mut text).expect("text");
    (running.wait().expect("it ends").code, text)
}

fn join_nobody(world: &World) {
    let (mut running, _output) = world.start(&world.line("true")).expect("it starts");
    running.wait().expect("it ends");
    let error = Sandbox::default()
        .join(
            running.pid(),
            &Program::new(["true"]),
            [Stdio::Null, Stdio::Null, Stdio::Null],
        )
        .expect_err("it is gone");
    assert_eq!(
        error.to_string(),
        format!("cannot enter the container of process {}", running.pid())
    );
}

/// `boatyard exec` runs as the plain user, in no namespace of ours. Must be called before we enter one. Says whether
/// it failed.
pub fn join_from_outside(kind: &str, selection: &str) -> bool {
    let name = "another process of the user can join";
    if !name.contains(selection) {
        return false;
    }
    let outcome = std::panic::catch_unwind(|| {
        let scratch = tempfile::tempdir().expect("a temporary folder");
        let root = scratch.path().join("root");
        crate::root::build(&root);
        let world = World {
            host: boatyard_engine::host::Host {
                privilege: Privilege::Confined,
                isolation: boatyard_engine::host::Isolation::Chroot,
                snapshots: boatyard_engine::host::Snapshots::Copy,
                network: boatyard_engine::host::Networks::Host,
                caller: boatyard_engine::host::Caller { uid: 0, gid: 0 },
                notices: Vec::new(),
            },
            root,
            scratch,
        };
        let (child, pid) = victim(&world);
        let (code, text) = joined(pid, &Program::new(["sh", "-c", "id -u; hostname; exit 8"]));
        assert_eq!(code, 8, "{text}");
        assert!(kind == "confined" || text == "0\nvictim\n", "{text}");
        drop(child);
    });
    println!(
        "{kind}: {name} ... {}",
        if outcome.is_ok() { "ok" } else { "FAILED" }
    );
    outcome.is_err()
}
