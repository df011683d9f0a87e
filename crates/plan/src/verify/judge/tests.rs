use std::time::Duration;

use super::*;
use crate::verify::{Application, Reached, Stopped};

const fn ms(count: u64) -> Duration {
    Duration::from_millis(count)
}

fn promised() -> Promised {
    Promised {
        user: "1000:1000".to_owned(),
        is_hardened: true,
        ports: Vec::new(),
        grace: ms(10_000),
        signal: "TERM".to_owned(),
    }
}

fn runs() -> Started {
    Started::Runs { after: ms(700) }
}

fn good() -> Observed {
    Observed {
        start: runs(),
        application: Some(Application {
            name: "gunicorn".to_owned(),
            first: Some("boatyard-init".to_owned()),
            identity: Some(Identity {
                uid: 1000,
                gid: 1000,
                groups: Vec::new(),
            }),
        }),
        orphan: Orphan::Reaped { after: ms(5) },
        reached: Some(Reached::Signal {
            name: "TERM".to_owned(),
            after: ms(3),
        }),
        stopped: Some(Stopped {
            code: Some(0),
            after: ms(140),
        }),
        read_only: runs(),
        any_user: runs(),
    }
}

/// `name: outcome: what was found` for each check.
fn told(promised: &Promised, observed: &Observed) -> Vec<String> {
    judge(promised, observed)
        .into_iter()
        .map(|check| format!("{}: {}: {}", check.name, check.outcome.words(), check.said))
        .collect()
}

fn has(lines: &[String], expected: &str) {
    assert!(
        lines.iter().any(|line| line == expected),
        "{expected}\n{lines:#?}"
    );
}

#[test]
fn all_is_well() {
    assert_eq!(
        told(&promised(), &good()),
        [
            "start: passed: runs after 0.70 s",
            "user: passed: runs as 1000:1000, no other groups",
            "signal: passed: gunicorn got TERM from boatyard-init 3 ms after TERM",
            "stop: passed: ended with 0 after 0.14 s of 10 s",
            "zombies: passed: boatyard-init reaped an orphan after 0.01 s",
            "read-only: passed: runs with a read-only root and /tmp in memory",
            "any-user: passed: runs as another user of group 0",
        ]
    );
}

#[test]
fn users() {
    for (user, uid, hardened, expected) in [
        (
            "",
            0,
            true,
            "user: failed: no USER, which is root (runs as 0:1000, no other groups)",
        ),
        (
            "0",
            0,
            true,
            "user: failed: root (runs as 0:1000, no other groups)",
        ),
        (
            "app",
            1000,
            true,
            "user: failed: app is no number: Kubernetes cannot tell that it is not root (runs as 1000:1000, no other groups)",
        ),
        (
            "1000:app",
            1000,
            true,
            "user: failed: the group of 1000:app is no number (runs as 1000:1000, no other groups)",
        ),
        (
            "1000",
            0,
            true,
            "user: failed: the application runs as root; the application runs as user 0, USER says 1000 (runs as 0:1000, no other groups)",
        ),
        (
            "1000:7",
            1000,
            false,
            "user: failed: the application runs in group 1000, USER says 1000:7 (runs as 1000:1000, no other groups)",
        ),
        (
            "",
            0,
            false,
            "user: passed: runs as 0:1000, no other groups",
        ),
        (
            "app",
            1000,
            false,
            "user: passed: runs as 1000:1000, no other groups",
        ),
    ] {
        let promised = Promised {
            user: user.to_owned(),
            is_hardened: hardened,
            ..promised()
        };
        let mut observed = good();
        let identity = observed.application.as_mut().unwrap().identity.as_mut();
        identity.unwrap().uid = uid;
        has(&told(&promised, &observed), expected);
    }
}

#[test]
fn signals_and_stops() {
    let nothing = |is_ignored, is_handled| Reached::Nothing {
        is_ignored,
        is_handled,
    };
    for (first, reached, expected) in [
        (
            Some("sh"),
            nothing(false, true),
            "signal: failed: sh is PID 1 and does not pass TERM on to gunicorn",
        ),
        (
            Some("sh"),
            nothing(true, false),
            "signal: failed: gunicorn ignores TERM",
        ),
        (
            None,
            nothing(false, false),
            "signal: failed: gunicorn is PID 1 and has no handler for TERM, so the kernel drops it",
        ),
        (
            Some("tini"),
            Reached::Died,
            "signal: passed: TERM ended gunicorn, which has no handler for it",
        ),
    ] {
        let mut observed = good();
        observed.application.as_mut().unwrap().first = first.map(str::to_owned);
        observed.reached = Some(reached);
        has(&told(&promised(), &observed), expected);
    }
    for (code, after, expected) in [
        (
            None,
            10_000,
            "stop: failed: still ran 10 s after TERM, and was killed",
        ),
        (
            Some(137),
            10_100,
            "stop: failed: ended with 137 only after 10.10 s of 10 s",
        ),
        (
            Some(137),
            9_000,
            "stop: passed: ended with 137 after 9.00 s of 10 s",
        ),
    ] {
        let mut observed = good();
        observed.stopped = Some(Stopped {
            code,
            after: ms(after),
        });
        has(&told(&promised(), &observed), expected);
    }
}

#[test]
fn starts() {
    let ended = |code| Started::Ended {
        code,
        after: ms(40),
        lines: vec!["no database".to_owned()],
    };
    let mut observed = good();
    observed.start = ended(3);
    let lines = told(&promised(), &observed);
    has(
        &lines,
        "start: failed: ended with 3 after 0.04 s: no database",
    );
    has(&lines, "stop: not run: it does not start");
    has(&lines, "read-only: not run: it does not start as it is");

    let mut observed = good();
    observed.start = ended(0);
    observed.read_only = ended(0);
    observed.any_user = ended(13);
    let lines = told(&promised(), &observed);
    has(&lines, "signal: not run: it ended by itself with 0");
    has(
        &lines,
        "read-only: passed: ended with 0 with a read-only root and /tmp in memory",
    );
    has(
        &lines,
        "any-user: failed: as another user of group 0: ended with 13 after 0.04 s: no database",
    );

    let mut observed = good();
    observed.start = Started::Deaf { after: ms(30_000) };
    observed.read_only = Started::Deaf { after: ms(30_000) };
    let promised = Promised {
        ports: vec![8080, 8443],
        ..promised()
    };
    let lines = told(&promised, &observed);
    has(
        &lines,
        "start: failed: nothing listens after 30.00 s (expected one of: 8080, 8443)",
    );
    has(
        &lines,
        "read-only: not run: it does not listen as it is, either",
    );
    has(&lines, "stop: passed: ended with 0 after 0.14 s of 10 s");
}
