//! Idle init sleeps.

use std::time::Duration;

use crate::container::{Container, User};

#[test]
fn it_does_not_wake_up() {
    let Some(container) = Container::new() else {
        return;
    };
    let running = container.start(User::Nobody, &["--", "sh", "-c", "echo ready; read x"]);
    running.expect("ready");
    running.sleeps_for(Duration::from_secs(3));
    assert_eq!(running.end().code, Some(1));
}
