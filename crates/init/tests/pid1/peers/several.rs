//! Supervisors: one service, `/service/main/run`.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use super::run::sleeps;
use super::table::{Init, Row, Table, is_installed};
use crate::container::{Container, User};
use crate::leftovers::ORPHANS;
use crate::running::Running;

const PROGRAM: &str = "service/main/run";

const CONTRACT: &str = r#"{"version":1,"project":"p","service":"s","default_role":"main",
    "roles":{"main":{"command":["/service/main/run"],"supervise":{}}}}"#;

const SUPERVISORD: &str = "[supervisord]
logfile=/dev/null
pidfile=/supervisord.pid
[program:main]
command=/service/main/run
stdout_logfile=/dev/stdout
stdout_logfile_maxbytes=0
redirect_stderr=true
";

pub const TABLE: Table<4> = Table {
    title: "Services under supervision",
    inits: [
        Init {
            name: "boatyard-init",
            program: "/init",
            flags: &["--log", "raw", "start"],
        },
        Init {
            name: "supervisord 4.2.5",
            program: "/usr/bin/supervisord",
            flags: &["-n", "-c", "/supervisord.conf"],
        },
        Init {
            name: "runsvdir 2.1.2",
            program: "/usr/bin/runsvdir",
            flags: &["/service"],
        },
        Init {
            name: "s6-svscan 2.11.3",
            program: "/usr/bin/s6-svscan",
            flags: &["/service"],
        },
    ],
    rows: &[
        Row {
            what: "a service, when PID 1 gets TERM",
            observe: stopped,
            expected: [
                "gets TERM and time",
                "gets TERM and time",
                "is killed",
                "gets TERM and time",
            ],
            why: "TERM and time: TERM is what every platform sends. runsvdir wants HUP",
        },
        Row {
            what: "a service that exits with 7",
            observe: failed,
            expected: [
                "ends all with 7",
                "is started again",
                "is started again",
                "is started again",
            ],
            why: "ends all: the platform sees the failure, tells of it and starts the container again, with its own back-off. \
                  `essential = false` is there for services that are no reason to",
        },
        Row {
            what: "300 orphans that die",
            observe: orphans,
            expected: ["reaped"; 4],
            why: "",
        },
        Row {
            what: "while nothing happens",
            observe: idle,
            expected: ["sleeps", "wakes up", "wakes up", "sleeps"],
            why: "sleeps",
        },
        Row {
            what: "as a user without a name, with a read-only root",
            observe: confined,
            expected: [
                "the service runs",
                "it does not",
                "it does not",
                "it does not",
            ],
            why: "runs: that is how clusters run containers that are to be safe. runsvdir and s6 write locks and pipes \
                  into the service's folder, supervisord wants a temporary folder",
        },
    ],
};

#[test]
fn of_several_services() {
    TABLE.check(is_installed, || {
        let container = Container::new()?.contract(CONTRACT);
        fs::write(container.path("supervisord.conf"), SUPERVISORD).unwrap();
        Some(container)
    });
}

/// Starts the init with this perl program as the service.
fn start(container: &Container, init: &Init, user: User, program: &str) -> Running {
    let path = container.path(PROGRAM);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, format!("#!/usr/bin/perl\n$| = 1;\n{program}")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    init.start(container, user, &[])
}

const WAITS: &str = r"
    $SIG{TERM} = sub {
        syswrite STDOUT, qq(stops\n);
        select undef, undef, undef, 0.3;
        syswrite STDOUT, qq(stopped\n);
        exit;
    };
    syswrite STDOUT, qq(runs\n);
    select undef, undef, undef, 0.05 while 1;";

fn stopped(container: &Container, init: &Init) -> String {
    let running = start(container, init, User::Root, WAITS);
    running.expect("runs");
    running.signal("TERM");
    let outcome = running.end();
    let said = |word: &str| outcome.stdout.lines().any(|line| line == word);
    match (said("stops"), said("stopped")) {
        (true, true) => "gets TERM and time",
        (true, false) => "gets TERM, no time",
        _ => "is killed",
    }
    .to_owned()
}

fn failed(container: &Container, init: &Init) -> String {
    let running = start(container, init, User::Root, "print qq(runs\\n); exit 7;");
    running.expect("runs");
    loop {
        match running.next() {
            Some(line) if line == "runs" => return "is started again".to_owned(),
            Some(_) => {}
            None => return format!("ends all with {}", running.end().code.unwrap()),
        }
    }
}

fn orphans(container: &Container, init: &Init) -> String {
    let running = start(container, init, User::Root, ORPHANS);
    let end = std::iter::repeat_with(|| running.line()).find(|line| line.ends_with(" zombies"));
    match end.unwrap().as_str() {
        "0 zombies" => "reaped".to_owned(),
        other => other.to_owned(),
    }
}

fn idle(container: &Container, init: &Init) -> String {
    let running = start(container, init, User::Root, WAITS);
    running.expect("runs");
    let sleeps = sleeps(&running, Duration::from_secs(7));
    if sleeps { "sleeps" } else { "wakes up" }.to_owned()
}

fn confined(_: &Container, init: &Init) -> String {
    let container = Container::new().unwrap().contract(CONTRACT).read_only();
    fs::write(container.path("supervisord.conf"), SUPERVISORD).unwrap();
    let running = start(&container, init, User::Nobody, WAITS);
    let said = running.says_within(Duration::from_secs(15), "runs");
    if said {
        "the service runs"
    } else {
        "it does not"
    }
    .to_owned()
}
