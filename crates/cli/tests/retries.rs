//! A job that fails is tried again as often as the project says, and what needs it waits.

mod support;

use std::process::{Child, Stdio};

use support::{
    Down, Traces, alone, boatyard, busybox, kept_home, not_run, succeed, text, wait_for,
};

/// Somebody else says how each try ends.
const PROJECT: &str = r#"
[project]
name = "retries"

[image]
base = { dockerfile = "Dockerfile" }

[role.web]
command = "exec busybox sleep 600"

[job.setup]
command = "echo a try; while :; do [ ! -e /tmp/fail ] || exit 3; [ ! -e /tmp/done ] || exit 0; busybox sleep 0.1; done"
when = "before-deploy"
retries = 1
"#;
const DOCKERFILE: &str = "FROM scratch\nCOPY busybox /bin/busybox\nCOPY busybox /bin/sh\nRUN busybox mkdir -m 1777 /tmp\n";

#[test]
fn a_job_that_fails_is_tried_again() {
    let _alone = alone();
    let Some(busybox) = busybox() else {
        return not_run("busybox is not installed (Debian: busybox-static)");
    };
    let home = kept_home();
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(busybox, folder.path().join("busybox")).unwrap();
    for (name, text) in [("boatyard.toml", PROJECT), ("Dockerfile", DOCKERFILE)] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let before = Traces::now(&home);
    let down = Down {
        home: home.clone(),
        project: folder.path().to_owned(),
    };
    // A try that is told how to end, in a container of its own: what the one before left is not there.
    let end = |up: &mut Child, how: &str| {
        let file = format!("/tmp/{how}");
        let words = ["exec", "setup", "--", "busybox", "touch", &file];
        wait_for("a try to be under way", 300, || {
            assert_eq!(up.try_wait().unwrap(), None, "it has ended by itself");
            let told = boatyard(&home, folder.path()).args(words).output();
            told.unwrap().status.success().then_some(())
        });
    };
    let tries = || {
        let logs = succeed(boatyard(&home, folder.path()).args(["logs", "setup"]));
        logs.matches("a try").count()
    };
    for (last, code) in [("done", 0), ("fail", 1)] {
        let mut up = boatyard(&home, folder.path())
            .args(["up", "--detach"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        end(&mut up, "fail");
        wait_for("the second try", 60, || (tries() == 2).then_some(()));
        end(&mut up, last);
        let output = up.wait_with_output().unwrap();
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(
            said.contains("setup exited with 3: it is tried again in 1 s (1 of 1)"),
            "{said}"
        );
        assert_eq!(tries(), 2, "{said}");
        succeed(boatyard(&home, folder.path()).arg("down"));
    }
    drop(down);
    wait_for("everything to be as it was", 60, || {
        Traces::now(&home)
            .left_since(&before)
            .is_empty()
            .then_some(())
    });
}
