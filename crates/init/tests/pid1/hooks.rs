//! Hooks and jobs of an application.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::container::{Container, Outcome, User, finish};
use crate::running::Running;

const CONTRACT: &str = r#"{"version":1,"project":"p","service":"s","default_role":"web",
    "roles":{"web":{"command":"sh -c 'echo main $A'"}}}"#;

/// Files of an application, `NAME TEXT`; a script unless the text begins with `=`, which is taken off.
fn application(files: &[(&str, &str)]) -> Option<Container> {
    let container = Container::new()?.contract(CONTRACT);
    fs::create_dir_all(container.path("app")).unwrap();
    for (name, text) in files {
        let path = container.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let (text, mode) = match text.strip_prefix('=') {
            Some(text) => (text.to_owned(), 0o644),
            None => (format!("#!/bin/sh\n{text}\n"), 0o755),
        };
        fs::write(&path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
    Some(container)
}

fn init(container: &Container, words: &[&str]) -> Outcome {
    finish(container.command(
        User::Nobody,
        &[&["env", "-C", "/app", "/init"], words].concat(),
    ))
}

#[test]
fn run_at_their_moment() {
    let Some(container) = application(&[
        ("app/.s2i/action_hooks/deploy_env", "=A=made; echo env\n"),
        ("app/.s2i/action_hooks/deploy", "echo deploy $A"),
        ("etc/boatyard/hooks/deploy", "echo image"),
        ("etc/boatyard/hooks/deploy.d/20", "echo second"),
        ("etc/boatyard/hooks/deploy.d/10", "echo first"),
        ("etc/boatyard/hooks/deploy.d/README.md", "=not a hook"),
        ("app/.s2i/action_hooks/migrate", "echo migrate $A; exit 7"),
        ("app/.s2i/action_hooks/ready", "echo ready $A"),
    ]) else {
        return;
    };
    for (words, code, stdout) in [
        (
            &["start"][..],
            0,
            "env\ndeploy made\nimage\nfirst\nsecond\nmain made\n",
        ),
        (
            &[],
            0,
            "env\ndeploy made\nimage\nfirst\nsecond\nmain made\n",
        ),
        // What a command prints is not mixed with what scripts print.
        (&["exec", "sh", "-c", "echo $A"], 0, "made\n"),
        (&["ready"], 0, "ready made\n"),
        (&["migrate"], 7, "migrate made\n"),
        (&["setup"], 0, ""),
        (&["verify"], 0, ""),
    ] {
        let outcome = init(&container, words);
        assert_eq!(
            (outcome.code, outcome.stdout.as_str()),
            (Some(code), stdout),
            "{words:?} {outcome:?}"
        );
    }
}

#[test]
fn that_cannot_be_run_stop_the_start() {
    for (files, code, told) in [
        (
            &[("app/.s2i/action_hooks/deploy", "=echo never")][..],
            1,
            "the script /app/.s2i/action_hooks/deploy is not executable",
        ),
        (&[("app/.s2i/action_hooks/deploy", "exit 5")], 5, ""),
    ] {
        let Some(container) = application(files) else {
            return;
        };
        let outcome = init(&container, &["start"]);
        assert_eq!(
            (outcome.code, outcome.stdout.as_str()),
            (Some(code), ""),
            "{outcome:?}"
        );
        assert!(outcome.stderr.contains(told), "{outcome:?}");
    }
}

#[test]
fn a_stop_during_a_hook_stops_the_start() {
    let Some(container) = application(&[(
        "app/.s2i/action_hooks/deploy",
        "trap 'echo stopping; exit 0' TERM\necho here\nwhile :; do sleep 0.1; done",
    )]) else {
        return;
    };
    let running =
        Running::new(container.command(User::Nobody, &["env", "-C", "/app", "/init", "start"]));
    running.expect("here");
    running.signal("TERM");
    running.expect("stopping");
    let outcome = running.end();
    assert_eq!(
        (outcome.code, outcome.stdout.as_str()),
        (Some(143), ""),
        "{outcome:?}"
    );
}

#[test]
fn what_a_hook_leaves_running_stays() {
    let Some(container) = application(&[(
        "app/.s2i/action_hooks/deploy",
        "(trap 'echo gone; exit' TERM; echo there; while :; do sleep 0.1; done) &",
    )]) else {
        return;
    };
    let container = container.contract(&CONTRACT.replace("echo main $A", "read line; echo main"));
    let mut running =
        Running::new(container.command(User::Nobody, &["env", "-C", "/app", "/init", "start"]));
    running.expect("there");
    running.press(b"go\n");
    running.expect("main");
    running.expect("gone");
    assert_eq!(running.end().code, Some(0));
}

#[test]
fn jobs_of_a_category() {
    let Some(container) = application(&[
        ("app/.s2i/deploy_env", "=A=1"),
        ("app/.s2i/cron_jobs/nightly/z", "echo old"),
        ("app/.s2i/jobs/nightly/B", "echo B"),
        ("app/.s2i/jobs/nightly/a", "echo a; exit 3"),
        ("app/.s2i/jobs/nightly/b", "echo b; exit 4"),
        ("app/.s2i/jobs/nightly/b~", "=never"),
        ("etc/boatyard/jobs/nightly/c", "echo c"),
        ("app/.s2i/jobs/broken/a", "echo never"),
        ("app/.s2i/jobs/broken/b", "=never"),
        (
            "app/.s2i/jobs/slow/a",
            "trap '' TERM; echo slow; exec sleep 600",
        ),
        ("app/.s2i/jobs/slow2/a", "echo slow; exec sleep 600"),
    ]) else {
        return;
    };
    for (words, code, stdout, told) in [
        (
            &["nightly"][..],
            3,
            "old\nB\na\n",
            "/app/.s2i/jobs/nightly/a: exit code 3 after ",
        ),
        (
            &["nightly", "--on-error", "continue"],
            3,
            "old\nB\na\nb\nc\n",
            "jobs/nightly/b: exit code 4 after ",
        ),
        (
            &["broken"],
            1,
            "",
            "the script /app/.s2i/jobs/broken/b is not executable",
        ),
        (
            &["none"],
            66,
            "",
            "unknown category \"none\": there is no /app/.s2i/jobs/none",
        ),
        (&["none", "--allow-missing"], 0, "", ""),
        (
            &["slow2", "--timeout", "1"],
            124,
            "slow\n",
            "did not end in time",
        ),
        (&[], 64, "", "jobs needs a category"),
    ] {
        let outcome = init(&container, &[&["jobs"], words].concat());
        assert_eq!(
            (outcome.code, outcome.stdout.as_str()),
            (Some(code), stdout),
            "{words:?} {outcome:?}"
        );
        assert!(outcome.stderr.contains(told), "{words:?} {outcome:?}");
    }
}

#[test]
fn jobs_do_not_overlap() {
    let Some(container) = application(&[("app/.s2i/jobs/one/a", "echo here; read line; echo end")])
    else {
        return;
    };
    fs::create_dir(container.path("tmp")).unwrap();
    fs::set_permissions(container.path("tmp"), fs::Permissions::from_mode(0o777)).unwrap();
    let start = |words: &[&str]| {
        Running::new(container.command(
            User::Nobody,
            &[&["env", "-C", "/app", "/init", "jobs", "one"], words].concat(),
        ))
    };
    let mut first = start(&[]);
    first.expect("here");
    for (words, code) in [
        (&[][..], 0),
        (&["--overlap", "skip"], 0),
        (&["--overlap", "fail"], 75),
    ] {
        let outcome = init(&container, &[&["jobs", "one"], words].concat());
        assert_eq!(
            (outcome.code, outcome.stdout.as_str()),
            (Some(code), ""),
            "{outcome:?}"
        );
        assert!(
            outcome.stderr.contains("the jobs one run already"),
            "{outcome:?}"
        );
    }
    let beside = start(&["--overlap", "allow"]);
    beside.expect("here");
    drop(beside);
    // One that waits is stopped like any other.
    let waits = start(&["--overlap", "wait"]);
    let mut second = start(&["--overlap", "wait"]);
    wait_for_child(&waits);
    waits.signal("TERM");
    assert_eq!(waits.end().code, Some(143));
    first.press(b"go\n");
    first.expect("end");
    assert_eq!(first.end().code, Some(0));
    second.expect("here");
    second.press(b"go\n");
    second.expect("end");
    assert_eq!(second.end().code, Some(0));
}

/// Waits until init has a child that waits for a lock.
fn wait_for_child(running: &Running) {
    loop {
        let pid = running.find_init().unwrap_or(0);
        let path = format!("/proc/{pid}/task/{pid}/children");
        let children = fs::read_to_string(path).unwrap_or_default();
        let is_it = |child: &str| {
            fs::read_to_string(format!("/proc/{child}/cmdline"))
                .is_ok_and(|words| words.contains("--lock-descriptor"))
        };
        if children.split_ascii_whitespace().any(is_it) {
            return;
        }
        std::thread::yield_now();
    }
}

#[test]
fn check_tells_all_that_cannot_be_used() {
    let Some(container) = application(&[
        ("app/.s2i/action_hooks/deploy", "=never"),
        ("app/.s2i/jobs/nightly/a", "=never"),
        ("etc/boatyard/hooks/ready", "true"),
    ]) else {
        return;
    };
    let container = container.contract(
        r#"{"version":1,"project":"p","service":"s","roles":{"web":{"command":"no-such-server -x"},
            "ok":{"command":"sh -c 'a && b'"}},"jobs":{"j":{"command":["/no/such"]}}}"#,
    );
    let outcome = init(&container, &["check"]);
    let expected = "role \"web\": there is no program no-such-server\njob \"j\": there is no program /no/such\n\
        /app/.s2i/action_hooks/deploy: not executable\n/app/.s2i/jobs/nightly/a: not executable\n";
    assert_eq!(
        (outcome.code, outcome.stdout.as_str()),
        (Some(78), expected),
        "{outcome:?}"
    );
    let Some(container) = application(&[]) else {
        return;
    };
    let outcome = init(&container, &["check"]);
    assert_eq!(
        (outcome.code, outcome.stdout.as_str()),
        (Some(0), "nothing to mend; 1 roles\n"),
        "{outcome:?}"
    );
    let outcome = init(&container, &["doctor"]);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert!(
        outcome.stdout.contains("PID 1: yes\n") && outcome.stdout.contains("user: 12345, without"),
        "{outcome:?}"
    );
}

#[test]
fn a_procfile_has_roles() {
    let Some(container) = application(&[(
        "app/Procfile",
        "=web: echo the web\nworker: echo \"the worker\"\n",
    )]) else {
        return;
    };
    fs::remove_file(container.path("etc/boatyard/contract.json")).unwrap();
    for (words, code, stdout) in [
        (&["start"][..], 0, "the web\n"),
        (&[], 0, "the web\n"),
        (&["start", "worker"], 0, "the worker\n"),
        (&["start", "beat"], 1, ""),
        (&["roles"], 0, "web\nworker\n"),
    ] {
        let outcome = init(&container, words);
        assert_eq!(
            (outcome.code, outcome.stdout.as_str()),
            (Some(code), stdout),
            "{words:?} {outcome:?}"
        );
    }
    fs::write(container.path("app/Procfile"), "web\n").unwrap();
    let outcome = init(&container, &["start"]);
    assert_eq!(outcome.code, Some(78), "{outcome:?}");
}
