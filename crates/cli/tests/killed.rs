//! Killed at any moment, the next run succeeds and nothing half-written is ever used.

mod support;

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use support::{
    Traces, alone, boatyard, copy_folder, digests, kept_home, new_home, root, succeed, wait_for,
};

/// Points in a build at which it is killed: once this text is on its way, and this much later.
const MOMENTS: [(&str, u64); 7] = [
    ("\"started\"", 0),
    ("packages", 150),
    ("packages", 1200),
    ("packages", 4000),
    ("python", 300),
    ("copy", 0),
    ("\"image\"", 0),
];

#[test]
fn a_build_goes_on_after_every_kill() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let guestbook = folder.path().join("guestbook");
    copy_folder(&root().join("examples/guestbook"), &guestbook);
    let epoch = [("SOURCE_DATE_EPOCH", "1760000000")];
    let expected = digests(&kept_home(), &guestbook, &epoch);

    let home = new_home();
    let before = Traces::now(home.path());
    for (text, millis) in MOMENTS {
        let mut build = boatyard(home.path(), &guestbook)
            .args(["build", "--json"])
            .envs(epoch)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        kill_after(&mut build, text, Duration::from_millis(millis));
        wait_for("everything to die with it", 10, || {
            (Traces::now(home.path()) == before).then_some(())
        });
        succeed(boatyard(home.path(), &guestbook).args(["image", "fsck"]));
    }
    assert_eq!(digests(home.path(), &guestbook, &epoch), expected);
    // What the killed builds had in progress is gone.
    let left = std::fs::read_dir(home.path().join("tmp")).map_or(0, Iterator::count);
    assert_eq!(left, 0, "work in progress was left in tmp/");
}

/// Kills a build `later` after it printed `text`; lets it end if it never does.
fn kill_after(build: &mut Child, text: &str, later: Duration) {
    use std::io::BufRead as _;
    let lines = std::io::BufReader::new(build.stdout.take().unwrap()).lines();
    for line in lines.map_while(Result::ok) {
        if line.contains(text) {
            let until = Instant::now() + later;
            while Instant::now() < until && build.try_wait().unwrap().is_none() {
                std::thread::sleep(Duration::from_millis(5));
            }
            break;
        }
    }
    let _ = build.kill();
    build.wait().unwrap();
}
