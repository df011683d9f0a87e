//! The command line, as tables.

use std::ffi::OsString;
use std::time::Duration;

use boatyard_init::contract::Target;
use boatyard_init::hook::Moment;
use boatyard_init::invocation::{Jobs, Overlap, Verb, parse};
use boatyard_init::life::{Rewrite, Success};
use boatyard_init::signal::Signal;

fn words(line: &str) -> Vec<OsString> {
    line.split_whitespace().map(OsString::from).collect()
}

fn restart(service: &str, waits: bool) -> Verb {
    Verb::Restart {
        service: service.to_owned(),
        waits,
    }
}

#[test]
fn from_app() {
    for (line, wanted) in [
        ("exec --from-app -- ls", Some("exec -- ls")),
        ("--from-app exec ls", Some("exec ls")),
        ("shell --from-app", Some("shell")),
        ("jobs --from-app daily", Some("jobs daily")),
        ("--from-app ready", Some("ready")),
        ("--from-app ls --from-app", Some("ls --from-app")),
        ("--from-app start web", None),
        ("--from-app", None),
    ] {
        let found = parse(words(line)).ok();
        let wanted = wanted.map(|line| (true, parse(words(line)).unwrap().verb));
        assert_eq!(
            found.map(|found| (found.from_app, found.verb)),
            wanted,
            "{line}"
        );
    }
}

#[test]
fn verbs() {
    let start = |role: Option<&str>| Verb::Start {
        role: role.map(str::to_owned),
    };
    let exec = |line| Verb::Exec { words: words(line) };
    let run = |line| Verb::Run { words: words(line) };
    for (line, verb) in [
        ("", Verb::Default),
        ("start", start(None)),
        ("start web", start(Some("web"))),
        (
            "job migrate",
            Verb::Job {
                name: "migrate".into(),
            },
        ),
        ("exec -- ls -l", exec("ls -l")),
        ("exec ls -- -l", exec("ls -- -l")),
        ("exec -- --", exec("--")),
        ("-- start web", exec("start web")),
        ("status", Verb::Status { as_json: false }),
        ("status --json", Verb::Status { as_json: true }),
        (
            "signal hup",
            Verb::Signal {
                signal: Signal::HUP,
            },
        ),
        ("restart web", restart("web", true)),
        ("restart --no-wait web", restart("web", false)),
        ("restart web --no-wait", restart("web", false)),
        ("shell", Verb::Shell),
        (
            "ready",
            Verb::Hook {
                moment: Moment::Ready,
            },
        ),
        ("assemble", Verb::Assemble),
        ("run", Verb::RunApplication),
        ("check", Verb::Check),
        ("roles", Verb::Roles),
        ("true", run("true")),
        ("ls -g --help", run("ls -g --help")),
        ("-g ls", run("ls")),
        ("--version start", Verb::Version),
        ("-g --help", Verb::Help),
    ] {
        let invocation = parse(words(line)).unwrap_or_else(|e| panic!("{line}: {e}"));
        assert_eq!(invocation.verb, verb, "{line}");
        let group = line.starts_with("-g").then_some(Target::Group);
        assert_eq!(invocation.target, group, "{line}");
    }
}

#[test]
fn grace() {
    let invocation = parse(words("--grace 7 -g start")).unwrap();
    assert_eq!(invocation.grace, Some(Duration::from_secs(7)));
    assert_eq!(invocation.target, Some(Target::Group));
}

#[test]
fn success() {
    let invocation = parse(words("-e 3 --stop-ok -e 143 true")).unwrap();
    let success = Success {
        codes: vec![3, 143],
        stopped: true,
    };
    assert_eq!(invocation.success, success);
}

#[test]
fn signals() {
    let invocation = parse(words("--target all -r HUP:QUIT --rewrite 28:0 true")).unwrap();
    assert_eq!(invocation.target, Some(Target::All));
    let rewrites = [(Signal::HUP, Some(Signal::QUIT)), (Signal::WINCH, None)];
    assert_eq!(
        invocation.rewrites,
        rewrites.map(|(from, to)| Rewrite { from, to })
    );
}

#[test]
fn jobs() {
    let line = "jobs --on-error continue nightly --timeout 9 --overlap fail --allow-missing";
    let jobs = Jobs {
        category: "nightly".to_owned(),
        continues: true,
        timeout: Some(Duration::from_secs(9)),
        overlap: Overlap::Fail,
        may_be_missing: true,
    };
    assert_eq!(parse(words(line)).unwrap().verb, Verb::Jobs(jobs));
    assert!(
        parse(words("--compat powershift ready"))
            .unwrap()
            .is_compatible
    );
}

#[test]
fn misuse() {
    for (line, message) in [
        ("-x", "unknown flag -x"),
        ("--grace", "--grace takes a whole number of seconds"),
        (
            "--grace 1.5 true",
            "--grace takes a whole number of seconds, not \"1.5\"",
        ),
        ("-e", "-e takes an exit code from 0 to 255"),
        (
            "-e 256 true",
            "-e takes an exit code from 0 to 255, not \"256\"",
        ),
        ("--", "-- needs a command"),
        ("exec", "exec needs a command"),
        ("exec --", "exec needs a command"),
        ("job", "job needs the name of a job"),
        ("start web now", "start does not take the argument \"now\""),
        ("restart", "restart needs the name of a service"),
        ("restart --wait web", "unknown flag --wait"),
        ("restart a b", "restart does not take the argument \"b\""),
        ("roles web", "roles does not take the argument \"web\""),
    ] {
        assert_eq!(
            parse(words(line)).unwrap_err().to_string(),
            message,
            "{line}"
        );
    }
}
