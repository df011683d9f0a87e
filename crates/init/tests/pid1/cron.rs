//! `cron` as PID 1.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::symlink;
use std::time::Duration;

use crate::container::{Container, User, finish};
use crate::running::Running;

/// A container with a crontab at `/etc/cron/tab`.
fn with(crontab: &str) -> Option<Container> {
    let container = Container::new()?;
    fs::create_dir_all(container.path("etc/cron")).unwrap();
    fs::write(container.path("etc/cron/tab"), crontab).unwrap();
    Some(container)
}

fn cron(container: &Container, flags: &str) -> Running {
    let line = format!("exec /init cron {flags} 2>&1");
    Running::new(container.command(User::Nobody, &["sh", "-c", &line]))
}

/// The next line that holds all of these.
fn line(running: &Running, parts: &[&str]) -> String {
    loop {
        let line = running.line();
        if parts.iter().all(|part| line.contains(part)) {
            return line;
        }
    }
}

#[test]
fn jobs_run_and_a_stop_waits_for_them() {
    let Some(container) = with(
        "GREETING='good day'\n* * * * * * * echo \"$GREETING\"; echo oh >&2; read x < /proc/sys/kernel/ostype; sleep 2; echo done\n",
    ) else {
        return;
    };
    let running = cron(&container, "/etc/cron/tab");
    line(
        &running,
        &[
            "level=info",
            "msg=starting",
            "iteration=0",
            "job.position=0",
            "job.schedule=\"* * * * * * *\"",
        ],
    );
    line(
        &running,
        &["msg=\"good day\"", "channel=stdout", "iteration=0"],
    );
    line(&running, &["msg=oh", "channel=stderr"]);
    running.signal("TERM");
    line(&running, &["received TERM"]);
    let outcome = running.end();
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert!(
        outcome.stdout.contains("msg=done channel=stdout"),
        "{outcome:?}"
    );
    assert!(outcome.stdout.contains("job succeeded"), "{outcome:?}");
    assert!(!outcome.stdout.contains("msg=starting"), "{outcome:?}");
}

#[test]
fn who_does_not_stop_in_time_is_ended() {
    let Some(container) =
        with("* * * * * * * trap '' TERM; echo deaf; while :; do sleep 1; done\n")
    else {
        return;
    };
    // TERM after one second, KILL three seconds later.
    let running = cron(&container, "-grace 6s /etc/cron/tab");
    line(&running, &["msg=deaf"]);
    running.signal("TERM");
    line(&running, &["ending the job"]);
    let outcome = running.end();
    assert_eq!(outcome.code, Some(143), "{outcome:?}");
    assert!(outcome.stdout.contains("signal: KILL"), "{outcome:?}");
}

#[test]
fn a_bad_file_changes_nothing_and_a_good_one_is_taken() {
    let Some(container) = with("") else {
        return;
    };
    // As Kubernetes mounts a ConfigMap: the file is a link through `..data`, which is renamed into place.
    let folder = container.path("etc/cron");
    let publish = |version: &str, text: &str| {
        fs::create_dir_all(folder.join(version)).unwrap();
        fs::write(folder.join(version).join("jobs"), text).unwrap();
        symlink(version, folder.join("..next")).unwrap();
        fs::rename(folder.join("..next"), folder.join("..data")).unwrap();
    };
    publish("..1", "* * * * * * * echo one\n");
    symlink("..data/jobs", folder.join("jobs")).unwrap();
    let running = cron(&container, "-listen 127.0.0.1:0 /etc/cron/jobs");
    let address = line(&running, &["serving metrics at"]);
    let address = address
        .split("http://")
        .nth(1)
        .unwrap()
        .split('/')
        .next()
        .unwrap()
        .to_owned();
    line(&running, &["msg=one"]);
    publish("..2", "* * * * * * * echo two\n61 * * * * broken\n");
    line(
        &running,
        &[
            "level=error",
            "/etc/cron/jobs:2:1: 61 is not a value of the field minute",
        ],
    );
    line(&running, &["the jobs before go on"]);
    line(&running, &["msg=one"]);
    let metrics = get(&address, "/metrics");
    assert!(
        metrics.contains("boatyard_cron_reloads{result=\"failed\"} 1"),
        "{metrics}"
    );
    let labels = "{command=\"echo one\",position=\"0\",schedule=\"* * * * * * *\"}";
    assert!(
        metrics.contains(&format!("supercronic_failed_executions{labels} 0")),
        "{metrics}"
    );
    assert!(
        !metrics.contains(&format!("supercronic_successful_executions{labels} 0")),
        "{metrics}"
    );
    assert!(get(&address, "/health").ends_with("\r\n\r\nOK\n"));
    assert!(get(&address, "/other").starts_with("HTTP/1.1 404"));
    // Another file beside it is no reason to try the bad one again; who asks has it tried.
    fs::write(folder.join("beside"), "").unwrap();
    running.signal("USR2");
    line(&running, &["the jobs before go on"]);
    let metrics = get(&address, "/metrics");
    assert!(
        metrics.contains("boatyard_cron_reloads{result=\"failed\"} 2"),
        "{metrics}"
    );
    publish("..3", "* * * * * * * echo three\n");
    line(&running, &["reloaded crontab"]);
    line(&running, &["msg=three"]);
    running.signal("TERM");
    assert_eq!(running.end().code, Some(0));
}

fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

#[test]
fn usr2_reloads_where_nothing_is_watched() {
    let Some(container) = with("@reboot echo one\n") else {
        return;
    };
    let running = cron(&container, "-no-watch /etc/cron/tab");
    line(&running, &["msg=one"]);
    fs::write(container.path("etc/cron/tab"), "* * * * * * * echo two\n").unwrap();
    running.signal("USR2");
    line(&running, &["msg=two"]);
    running.signal("INT");
    assert_eq!(running.end().code, Some(0));
}

#[test]
fn it_is_supercronic_by_that_name() {
    let Some(container) = with("USER=nobody\n* * * * * * * printf '%s' \"$0\"; exit 3\n") else {
        return;
    };
    symlink("/init", container.path("supercronic")).unwrap();
    let ask = |flags: &str| {
        let line = format!("exec /supercronic {flags} 2>&1");
        finish(container.command(User::Root, &["sh", "-c", &line]))
    };
    let outcome = ask("-test /etc/cron/tab");
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert!(
        outcome
            .stdout
            .contains("processes will not be spawned as USER=nobody"),
        "{outcome:?}"
    );
    assert!(outcome.stdout.contains("crontab is valid"), "{outcome:?}");
    for (flags, code, said) in [
        ("-test /etc/cron/none", 1, "cannot read /etc/cron/none"),
        (
            "-sentry-dsn=x /etc/cron/tab",
            2,
            "-sentry-dsn is not supported",
        ),
        ("-wrong /etc/cron/tab", 2, "unknown flag -wrong"),
        ("", 2, "a crontab is needed"),
        ("-version", 0, "boatyard-init "),
    ] {
        let outcome = ask(flags);
        assert_eq!(outcome.code, Some(code), "{flags}: {outcome:?}");
        assert!(outcome.stdout.contains(said), "{flags}: {outcome:?}");
    }
    let running = Running::new(container.command(
        User::Nobody,
        &[
            "sh",
            "-c",
            "exec /supercronic -json -quiet /etc/cron/tab 2>&1",
        ],
    ));
    let record = line(&running, &["\"level\":\"error\""]);
    let record: serde_json::Value = serde_json::from_str(&record).unwrap();
    assert_eq!(record["msg"], "error running command: exit status 3");
    assert_eq!(record["job.position"], 0);
    running.signal("TERM");
    assert_eq!(running.end().code, Some(0));
}

#[test]
fn schedules_of_the_contract_are_jobs() {
    let Some(container) = Container::new() else {
        return;
    };
    let container = container.contract(
        r#"{"version":1,"project":"p","service":"s","schedules":{
            "greet":{"cron":"* * * * * * *","command":["echo","it's fine"]},
            "night":{"cron":"0 3 * * *","command":"echo no"}}}"#,
    );
    let running = cron(&container, "-passthrough-logs");
    running.expect("it's fine");
    running.signal("TERM");
    assert_eq!(running.end().code, Some(0));
    let container = container.contract(r#"{"version":1,"project":"p","service":"s","schedules":{"bad":{"cron":"0 24 * * *","command":"x"}}}"#);
    let outcome = cron(&container, "-check").end();
    assert_eq!(outcome.code, Some(1));
    assert!(
        outcome
            .stdout
            .contains("column 3: 24 is not a value of the field hour"),
        "{outcome:?}"
    );
}

#[test]
fn it_sleeps_until_something_is_due() {
    let Some(container) = with("0 0 1 1 * 2099 echo no\n@reboot echo there\n") else {
        return;
    };
    let running = cron(&container, "-listen 127.0.0.1:0 /etc/cron/tab");
    line(&running, &["job succeeded"]);
    running.sleeps_for(Duration::from_secs(3));
}

#[test]
fn supercronic_takes_one_term_and_tells_each_time_that_a_job_still_runs() {
    // So long that two ticks follow the signals, also where those take their time.
    let Some(container) = with("* * * * * * * sleep 6.5\n") else {
        return;
    };
    symlink("/init", container.path("supercronic")).unwrap();
    let words = ["sh", "-c", "exec /supercronic /etc/cron/tab 2>&1"];
    let running = Running::new(container.command(User::Nobody, &words));
    line(&running, &["msg=starting"]);
    running.signal("TERM");
    line(&running, &["received TERM"]);
    running.signal("TERM");
    for _ in 0..2 {
        line(&running, &["not starting: job is still running since"]);
    }
    let outcome = running.end();
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert!(
        outcome.stdout.contains("job took too long to run"),
        "{outcome:?}"
    );
}
