//! Idle init sleeps.

use std::fs;
use std::time::Duration;

use crate::container::{Container, User};

#[test]
fn it_does_not_wake_up() {
    let Some(container) = Container::new() else {
        return;
    };
    let running = container.start(User::Nobody, &["--", "sh", "-c", "echo ready; read x"]);
    running.expect("ready");
    let status = format!("/proc/{}/status", running.init());
    // It sleeps when it has reaped what there was.
    assert!(running.is_silent(Duration::from_millis(500)));
    let before = switches(&status);
    assert!(running.is_silent(Duration::from_secs(3)));
    assert_eq!(switches(&status), before);
    assert_eq!(running.end().code, Some(1));
}

fn switches(status: &str) -> Vec<String> {
    let status = fs::read_to_string(status).unwrap();
    status
        .lines()
        .filter(|line| line.contains("ctxt_switches"))
        .map(str::to_owned)
        .collect()
}
