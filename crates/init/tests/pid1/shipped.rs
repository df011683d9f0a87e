//! The file that goes into images: small, static, of few parts, and content with little memory.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::binary::{binary, build, cargo, recipe};
use crate::container::{Container, User};
use crate::running::Running;

fn run(program: &OsStr, words: &[&str]) -> String {
    let output = Command::new(program)
        .args(words)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{words:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

pub fn not_run(why: &str) {
    let _ = std::io::stderr().write_all(format!("not run: {why}\n").as_bytes());
}

#[test]
fn is_static_and_small() {
    judge(binary());
}

/// Where the compiler has no musl, glibc is in it.
#[test]
fn with_glibc_too() {
    let glibc = format!("{}-unknown-linux-gnu", env::consts::ARCH);
    if recipe::preferred(&glibc) == glibc {
        return not_run("there is no musl (rustup target add), so this is what all tests run");
    }
    if !recipe::is_installed(&glibc) {
        return not_run("no standard library for glibc (rustup target add)");
    }
    let file = build(&glibc);
    judge(&file);
    let told = run(file.as_os_str(), &["doctor"]);
    assert!(told.starts_with("C library: glibc\n"), "{told}");
    let told = run(file.as_os_str(), &["--", "echo", "started"]);
    assert_eq!(told, "started\n");
}

fn judge(file: &Path) {
    let size = fs::metadata(file).unwrap().len();
    assert!(size <= 2_000_000, "{size} bytes");
    if !Path::new("/usr/bin/readelf").exists() {
        return not_run("there is no readelf (binutils)");
    }
    let file = file.to_str().unwrap();
    let segments = run("readelf".as_ref(), &["-lW", file]);
    assert!(segments.contains("LOAD"), "{segments}");
    assert!(!segments.contains("INTERP"), "{segments}");
    let dynamic = run("readelf".as_ref(), &["-dW", file]);
    assert!(dynamic.contains("There is no dynamic section"), "{dynamic}");
    // Whoever builds it, and wherever: not a name of a folder of this machine.
    let bytes = fs::read(file).unwrap();
    let home = env::var_os("CARGO_HOME").or_else(|| env::var_os("HOME"));
    let home = home.unwrap_or_default().into_encoded_bytes();
    let tells = home.len() > 1 && bytes.windows(home.len()).any(|bytes| bytes == home);
    assert!(!tells, "it names {}", String::from_utf8_lossy(&home));
}

#[test]
fn what_it_is_made_of_fits_on_one_screen() {
    let words = ["tree", "--package=boatyard-init", "--edges=normal"];
    let tree = run(&cargo(), &[&words[..], &["--offline", "--locked"]].concat());
    assert!(tree.starts_with("boatyard-init "), "{tree}");
    assert!(tree.lines().count() <= 24, "{tree}");
}

/// What a signal needs is there though what is not needed was let go: each page that is not would be waited for, about ten microseconds.
#[test]
fn a_first_signal_waits_for_no_pages() {
    const MOST: u64 = 2;
    let Some(container) = Container::new() else {
        return;
    };
    let script = "trap 'echo heard' TERM; echo ready; while :; do sleep 1000 & wait; done";
    let running = container.start(User::Nobody, &["/init", "--", "sh", "-c", script]);
    running.expect("ready");
    running.sleeps_for(Duration::from_millis(300));
    let before = faults(running.init());
    running.signal("TERM");
    running.expect("heard");
    let waited = faults(running.init()) - before;
    assert!(waited <= MOST, "{waited} times");
}

/// How often a process has waited for a page that was in memory (`proc_pid_stat(5)`).
fn faults(pid: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let (_, fields) = stat.rsplit_once(") ").unwrap();
    fields.split(' ').nth(7).unwrap().parse().unwrap()
}

/// The most memory that it may keep, and how it is written to the disk: in one piece the page cache holds it in large
/// folios, of which newer kernels map all when one page is touched.
#[test]
fn keeps_little_memory_while_it_waits() {
    const MOST_KB: u64 = 1200;
    let supervised = r#"{"version":1,"project":"p","service":"s","default_role":"web","roles":{"web":
        {"command":"echo ready; exec sleep 1000","supervise":{}}}}"#;
    let Some(container) = Container::new().map(|container| container.contract(supervised)) else {
        return;
    };
    let shown = Path::new("/proc/self/smaps_rollup");
    if !shown.exists() {
        return not_run("this kernel has no smaps_rollup");
    }
    fs::write(container.path("crontab"), "@reboot echo ready\n").unwrap();
    let bytes = fs::read(binary()).unwrap();
    for piece in [bytes.len(), 4096] {
        let init = container.path("init");
        fs::remove_file(&init).unwrap();
        let mut file = fs::File::create(&init).unwrap();
        for piece in bytes.chunks(piece) {
            file.write_all(piece).unwrap();
        }
        file.set_permissions(fs::Permissions::from_mode(0o755))
            .unwrap();
        drop(file);
        for words in [
            &["--", "sh", "-c", "echo ready; exec sleep 1000"][..],
            &["cron", "/crontab"],
            &["start"],
        ] {
            let line = "exec /init \"$@\" 2>&1";
            let command = [&["sh", "-c", line, "sh"], words].concat();
            let running = Running::new(container.command(User::Nobody, &command));
            running.tells("ready");
            running.sleeps_for(Duration::from_millis(300));
            let rollup = fs::read_to_string(format!("/proc/{}/smaps_rollup", running.init()));
            let kilobytes = resident(&rollup.unwrap());
            println!("{words:?} keeps {kilobytes} kB, written {piece} bytes at a time");
            assert!((1..=MOST_KB).contains(&kilobytes));
        }
    }
}

fn resident(rollup: &str) -> u64 {
    let line = rollup.lines().find_map(|line| line.strip_prefix("Rss:"));
    let figure = line.and_then(|line| line.split_whitespace().next());
    figure.unwrap().parse().unwrap()
}
