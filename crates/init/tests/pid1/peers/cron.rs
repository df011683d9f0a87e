//! Programs that run crontabs.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use super::table::{Init, Row, Table};
use crate::container::{Container, User, finish};
use crate::running::Running;

pub const TABLE: Table<2> = Table {
    title: "Crontabs",
    inits: [
        Init {
            name: "boatyard-init cron",
            program: "/init",
            flags: &["cron"],
        },
        Init {
            name: "supercronic 0.2.45",
            program: "/supercronic",
            flags: &[],
        },
    ],
    rows: &[
        Row {
            what: "a reload (USR2) of a file with a mistake",
            observe: bad_reload,
            expected: ["the jobs before go on", "exits with 1"],
            why: "go on: a typo in a ConfigMap must not end the jobs of a night",
        },
        Row {
            what: "TERM while a job runs that does not end",
            observe: stop,
            expected: ["ends it when the grace is over", "waits without limit"],
            why: "ends it: the platform would kill both, and nothing would be told",
        },
        Row {
            what: "TERM, where a job is never due (`0 0 31 2 *`)",
            observe: never,
            expected: ["ends with 0", "is not heard"],
            why: "ends: such a line is a mistake of one job",
        },
        Row {
            what: "a variable without a value (`FOO=`)",
            observe: empty,
            expected: ["is empty", "is a crash"],
            why: "empty, as in every shell",
        },
        Row {
            what: "`@every 1m`, `@reboot`, `@midnight`",
            observe: names,
            expected: ["accepted", "refused"],
            why: "accepted: other crons have them",
        },
    ],
};

/// Where supercronic is: the variable `SUPERCRONIC`, else where Debian forky puts it.
fn supercronic() -> PathBuf {
    env::var_os("SUPERCRONIC").map_or("/usr/bin/supercronic".into(), PathBuf::from)
}

#[test]
fn of_crontabs() {
    TABLE.check(
        |_| supercronic().exists(),
        || {
            let container = Container::new()?;
            if supercronic().exists() {
                fs::copy(supercronic(), container.path("supercronic")).unwrap();
            }
            Some(container)
        },
    );
}

/// Starts it with this crontab and these flags, all output in one.
fn start(container: &Container, init: &Init, flags: &[&str], crontab: &str) -> Running {
    fs::write(container.path("tab"), crontab).unwrap();
    let words = init.words(&[flags, &["/tab"]].concat());
    let start = ["sh", "-c", "exec \"$@\" 2>&1", "sh"];
    Running::new(container.command(User::Root, &[&start[..], &words].concat()))
}

fn bad_reload(container: &Container, init: &Init) -> String {
    let running = start(container, init, &[], "* * * * * * * echo tick\n");
    running.tells("msg=tick");
    fs::write(container.path("tab"), "61 * * * * broken\n").unwrap();
    running.signal("USR2");
    let mut ticks = 0;
    while ticks < 4 {
        match running.next() {
            Some(line) => ticks += usize::from(line.contains("msg=tick")),
            None => return format!("exits with {}", running.end().code.unwrap()),
        }
    }
    "the jobs before go on".to_owned()
}

fn stop(container: &Container, init: &Init) -> String {
    let flags: &[&str] = if init.program == "/init" {
        &["-grace", "6s"]
    } else {
        &[]
    };
    let line = "* * * * * * * trap '' TERM; echo deaf; while :; do sleep 1; done\n";
    let running = start(container, init, flags, line);
    running.tells("msg=deaf");
    running.signal("TERM");
    if running.ends_within(Duration::from_secs(15)) {
        "ends it when the grace is over".to_owned()
    } else {
        "waits without limit".to_owned()
    }
}

fn never(container: &Container, init: &Init) -> String {
    let running = start(container, init, &[], "0 0 31 2 * x\n");
    running.tells("read crontab");
    running.signal("TERM");
    if running.ends_within(Duration::from_secs(10)) {
        format!("ends with {}", running.end().code.unwrap())
    } else {
        "is not heard".to_owned()
    }
}

fn test(container: &Container, init: &Init, crontab: &str) -> Option<i32> {
    fs::write(container.path("tab"), crontab).unwrap();
    let flag = if init.program == "/init" {
        "-check"
    } else {
        "-test"
    };
    let words = init.words(&[flag, "/tab"]);
    finish(container.command(User::Root, &words)).code
}

fn empty(container: &Container, init: &Init) -> String {
    match test(container, init, "FOO=\n* * * * * x\n") {
        Some(0) => "is empty",
        Some(2) => "is a crash",
        _ => "is refused",
    }
    .to_owned()
}

fn names(container: &Container, init: &Init) -> String {
    let accepted = |name| test(container, init, &format!("{name} x\n")) == Some(0);
    match ["@every 1m", "@reboot", "@midnight"].map(accepted) {
        [true, true, true] => "accepted".to_owned(),
        [false, false, false] => "refused".to_owned(),
        other => format!("{other:?}"),
    }
}
