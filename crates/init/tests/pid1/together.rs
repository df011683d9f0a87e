//! What init does beside several services: as beside one.

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::{Duration, Instant};

use crate::container::{Container, PATIENCE, User};
use crate::running::Running;

/// A role whose command is this line, with hooks.
fn with(line: &str, hooks: &[(&str, &str)]) -> Option<Container> {
    let line = line.replace('\\', "\\\\").replace('"', "\\\"");
    let container = Container::new()?.contract(&format!(
        r#"{{"version":1,"project":"p","service":"s","roles":{{"web":{{"command":"{line}","ready":"fd:5",
            "stop":{{"signal":"TERM","grace_secs":20}},"supervise":{{"services":{{"side":{{"command":"sleep 1000"}}}}}}}}}}}}"#
    ));
    fs::create_dir_all(container.path("etc/boatyard/hooks")).unwrap();
    for (name, text) in hooks {
        let path = container.path("etc/boatyard/hooks").join(name);
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    fs::create_dir(container.path("state")).unwrap();
    fs::set_permissions(container.path("state"), fs::Permissions::from_mode(0o777)).unwrap();
    Some(container)
}

fn start(container: &Container, variables: &str) -> Running {
    let line = format!("{variables} exec /init start web 2>&1");
    Running::new(container.command(User::Nobody, &["sh", "-c", &line]))
}

const READY: &str = "trap 'exit 0' TERM; echo >&5; while :; do sleep 0.1; done";

#[test]
fn a_daemon_that_a_service_left_gets_its_term() {
    let daemon = "perl -MPOSIX -e 'exit if fork; POSIX::setsid(); $|=1; $SIG{TERM}=sub{print qq(graceful\\n);exit}; print qq(daemon runs\\n); open F,q(>/state/up); sleep 1 while 1'; while ! test -e /state/up; do sleep 0.1; done; ";
    let Some(container) = with(&format!("{daemon}{READY}"), &[]) else {
        return;
    };
    let running = start(&container, "");
    running.tells("all services are ready");
    running.signal("TERM");
    let outcome = running.end();
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert!(outcome.stdout.contains("main | graceful"), "{outcome:?}");
}

#[test]
fn post_deploy_follows_when_all_are_ready() {
    for (strict, code) in [("", 0), ("BOATYARD_POST_DEPLOY=strict", 9)] {
        let hook = "echo post_deploy of $ROLE; exit 9";
        let Some(container) = with(READY, &[("post_deploy", hook)]) else {
            return;
        };
        let running = start(&container, strict);
        let mut seen_ready = false;
        loop {
            let line = running.line();
            seen_ready |= line.contains("all services are ready");
            if line == "post_deploy of web" {
                break;
            }
        }
        assert!(seen_ready);
        running.tells("post_deploy failed with exit code 9");
        if strict.is_empty() {
            running.signal("TERM");
        }
        let outcome = running.end();
        assert_eq!(outcome.code, Some(code), "{outcome:?}");
    }
}

#[test]
fn probes_ask_the_hooks_when_all_are_ready() {
    let hooks = [
        ("ready", "test -e /state/open"),
        ("alive", "test ! -e /state/open"),
    ];
    let Some(container) = with(READY, &hooks) else {
        return;
    };
    let running = start(
        &container,
        "BOATYARD_PROBE_TIMEOUT=20 BOATYARD_PROBES=/state/probes",
    );
    running.tells("all services are ready");
    let ask = |path: &str| {
        let mut stream = UnixStream::connect(container.path("state/probes")).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\n\r\n").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text.get(9..12).map(str::to_owned)
    };
    let wait_for = |path: &str, wanted: &str| {
        let end = Instant::now() + PATIENCE;
        while ask(path).as_deref() != Some(wanted) {
            assert!(Instant::now() < end, "{path} is never {wanted}");
            thread::park_timeout(Duration::from_millis(20));
        }
    };
    wait_for("/ready", "503");
    wait_for("/alive", "200");
    fs::write(container.path("state/open"), "").unwrap();
    wait_for("/ready", "200");
    wait_for("/alive", "503");
    running.signal("TERM");
    assert_eq!(running.end().code, Some(0));
}

#[test]
fn a_service_is_not_kept_waiting_for_ever() {
    // Far more than pipes and buffers hold, and nobody reads.
    let flood = "perl -e '$|=1; print q(x)x1000,qq(\\n) for 1..5000; mkdir q(/state/done)'; ";
    let Some(container) = with(&format!("{flood}{READY}"), &[]) else {
        return;
    };
    let child = container
        .command(User::Nobody, &["/init", "start", "web"])
        .spawn()
        .unwrap();
    let end = Instant::now() + PATIENCE;
    while !container.path("state/done").exists() {
        assert!(Instant::now() < end, "the service waits");
        thread::park_timeout(Duration::from_millis(20));
    }
    let unshare = child.id();
    let init = fs::read_to_string(format!("/proc/{unshare}/task/{unshare}/children")).unwrap();
    let status = std::process::Command::new("kill")
        .args(["-TERM", init.trim()])
        .status();
    assert!(status.unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stdout.len() < 5_000_000, "nothing was dropped");
}
