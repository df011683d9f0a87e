//! `/dev/log`, spoken to by logger(1).

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixDatagram;

use crate::container::{Container, PATIENCE, User};
use crate::running::Running;

/// A role that runs this line of a shell.
fn with(line: &str, more: &str) -> Option<Container> {
    let line = line.replace('\\', "\\\\").replace('"', "\\\"");
    let container = Container::new()?.contract(&format!(
        r#"{{"version":1,"project":"p","service":"s","roles":{{"web":{{"command":"{line}"{more}}}}}}}"#
    ));
    fs::create_dir(container.path("state")).unwrap();
    fs::set_permissions(container.path("state"), fs::Permissions::from_mode(0o777)).unwrap();
    Some(container)
}

fn start(container: &Container, user: User, line: &str) -> Running {
    Running::new(container.command(user, &["sh", "-c", line]))
}

const SPEAK: &str = "logger -u /state/log -t backup -p user.err 'disk is full'; logger --rfc5424 -u /state/log -t app -p daemon.debug 'a \"b\"'; logger --rfc3164 -u /state/log -t old -i hello; echo done; read x";

#[test]
fn messages_are_written_in_the_form_of_the_log() {
    let json = |level: &str, program: &str, text: &str| {
        format!(
            "\"stream\":\"syslog\",\"level\":\"{level}\",\"program\":\"{program}\",\"message\":\"{text}\"}}"
        )
    };
    let plain = |head: &str| {
        [
            "err: backup: disk is full",
            "debug: app: a \"b\"",
            "notice: old: hello",
        ]
        .map(|text| format!("{head}{text}"))
    };
    let json = [
        json("err", "backup", "disk is full"),
        json("debug", "app", "a \\\"b\\\""),
        json("notice", "old", "hello"),
    ];
    for (supervise, form, wanted) in [
        ("", "", plain("")),
        ("", "prefix", plain("web | ")),
        ("", "json", json.clone()),
        (r#","supervise":{}"#, "prefix", plain("syslog | ")),
        (r#","supervise":{}"#, "json", json),
    ] {
        let Some(container) = with(SPEAK, supervise) else {
            return;
        };
        let log = if form.is_empty() {
            String::new()
        } else {
            format!("--log {form}")
        };
        let line = format!("exec /init --syslog /state/log {log} start web");
        let running = start(&container, User::Nobody, &line);
        let mut wanted = wanted.to_vec();
        while !wanted.is_empty() {
            let line = running.line();
            wanted.retain(|text| !line.ends_with(text.as_str()));
        }
        running.signal("TERM");
        running.end();
        assert!(
            !container.path("state/log").exists(),
            "it is taken away again"
        );
    }
}

#[test]
fn a_socket_that_is_served_stays_and_one_that_is_not_does_not() {
    let Some(container) = with("logger -u /state/log -t app hello; echo done", "") else {
        return;
    };
    let path = container.path("state/log");
    let host = UnixDatagram::bind(&path).unwrap();
    host.set_read_timeout(Some(PATIENCE)).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    let line = "exec /init --syslog /state/log start web";
    let outcome = start(&container, User::Nobody, line).end();
    assert_eq!(
        (outcome.code, outcome.stdout.as_str()),
        (Some(0), "done\n"),
        "{outcome:?}"
    );
    let told = "cannot listen for syslog at /state/log: somebody listens there";
    assert!(outcome.stderr.contains(told), "{outcome:?}");
    let mut buffer = [0; 200];
    let count = host.recv(&mut buffer).unwrap();
    assert!(String::from_utf8_lossy(&buffer[..count]).ends_with("app: hello"));
    // Its server is gone, and the file is ours to replace, for root is who owns it.
    drop(host);
    let outcome = start(&container, User::Root, line).end();
    assert!(
        outcome.stdout.contains("notice: app: hello\n"),
        "{outcome:?}"
    );
}

#[test]
fn dev_log_is_made_where_it_is_the_containers_own() {
    let Some(container) = with("logger -t app hello; test -e /dev/log && echo there", "") else {
        return;
    };
    for (before, off, there) in [
        ("mount -t tmpfs tmpfs /dev;", "", true),
        ("mount -t tmpfs tmpfs /dev;", "BOATYARD_SYSLOG=off", false),
        // As that of the machine, which tests must not touch.
        (
            "mount -t devtmpfs none /dev;",
            "",
            fs::exists("/dev/log").unwrap(),
        ),
    ] {
        let line = format!("{before} {off} exec /init start web");
        let outcome = start(&container, User::Root, &line).end();
        let lines: Vec<&str> = outcome.stdout.lines().collect();
        assert_eq!(
            lines.contains(&"there"),
            there,
            "{before} {off} {outcome:?}"
        );
        if before.contains(" tmpfs") {
            assert_eq!(lines.contains(&"notice: app: hello"), there, "{outcome:?}");
        }
    }
}

#[test]
fn a_storm_keeps_nobody_waiting() {
    // Far more than any pipe holds, while nobody reads: the sender comes to its end, and init hears the stop.
    let sender = r"perl -MIO::Socket::UNIX -e 'my $s=IO::Socket::UNIX->new(Type=>2,Peer=>q(/state/log)) or die; $s->send(q(<13>).(q(x)x1000)) for 1..5000; mkdir q(/state/done); sleep 1000'";
    let Some(container) = with(sender, "") else {
        return;
    };
    let mut command = container.command(
        User::Nobody,
        &["sh", "-c", "exec /init --syslog /state/log start web"],
    );
    let child = command.spawn().unwrap();
    let end = std::time::Instant::now() + PATIENCE;
    while !container.path("state/done").exists() {
        assert!(std::time::Instant::now() < end, "the sender waits");
        std::thread::park_timeout(std::time::Duration::from_millis(20));
    }
    // Now somebody reads, and is told what is lost.
    let unshare = child.id();
    let init = fs::read_to_string(format!("/proc/{unshare}/task/{unshare}/children")).unwrap();
    let status = std::process::Command::new("kill")
        .args(["-TERM", init.trim()])
        .status();
    assert!(status.unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(143));
    assert!(output.stdout.len() < 4 << 20, "{}", output.stdout.len());
}
