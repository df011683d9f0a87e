//! The same for a processor that this machine does not have: assembled, linked, and run by qemu where these are there.

use std::env;
use std::process::{Command, Output};

use crate::binary::{build, recipe};
use crate::shipped::not_run;

const TARGET: &str = "aarch64-unknown-linux-gnu";

/// What is needed for it, and is not there.
fn missing() -> Option<&'static str> {
    let starts = |program: &str| Command::new(program).arg("--version").output().is_ok();
    if env::consts::ARCH == "aarch64" {
        Some("this machine has that processor: all other tests are for it")
    } else if !recipe::is_installed(&recipe::preferred(TARGET)) {
        Some("no standard library for aarch64 (rustup target add)")
    } else if !starts("aarch64-linux-gnu-gcc") {
        Some("no linker for aarch64 (gcc-aarch64-linux-gnu, libc6-dev-arm64-cross)")
    } else if !starts("qemu-aarch64") {
        Some("no qemu-aarch64 (qemu-user)")
    } else {
        None
    }
}

fn run(words: &[&str]) -> Output {
    Command::new("qemu-aarch64").args(words).output().unwrap()
}

#[test]
fn see_signals_blocked_first_too() {
    if let Some(why) = missing() {
        return not_run(why);
    }
    let init = build(&recipe::preferred(TARGET));
    let init = init.to_str().unwrap();
    let version = run(&["-strace", init, "--version"]);
    let calls = String::from_utf8(version.stderr).unwrap();
    let first = calls.split_once(' ').map(|(_pid, call)| call);
    let is_it = first.is_some_and(|call| call.starts_with("rt_sigprocmask(SIG_SETMASK,"));
    assert!(is_it, "{calls}");
    // What was blocked before is given back.
    let line = "use POSIX qw(:signal_h); \
        sigprocmask(SIG_BLOCK, POSIX::SigSet->new(SIGUSR1, SIGALRM)); exec @ARGV";
    let words = [
        "qemu-aarch64",
        init,
        "--",
        "grep",
        "SigBlk",
        "/proc/self/status",
    ];
    let masked = Command::new("perl")
        .args(["-e", line])
        .args(words)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&masked.stdout);
    assert_eq!(told, "SigBlk:\t0000000000002200\n", "{masked:?}");
    for (line, code) in [("exit 7", 7), ("kill -HUP $$", 129)] {
        let ended = run(&[init, "--", "sh", "-c", line]);
        assert_eq!(ended.status.code(), Some(code), "{ended:?}");
    }
}
