//! The schedules of a contract, run as it says.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Instant;

use crate::container::{Container, PATIENCE, User};
use crate::control::ask_of;
use crate::running::Running;

fn cron(container: &Container, flags: &str) -> Running {
    let line = format!("exec /init cron {flags} 2>&1");
    Running::new(container.command(User::Nobody, &["sh", "-c", &line]))
}

fn with(schedules: &str) -> Option<Container> {
    let contract =
        format!(r#"{{"version":1,"project":"p","service":"s","schedules":{{{schedules}}}}}"#);
    Some(Container::new()?.contract(&contract))
}

/// The next line that holds all of these.
fn line(running: &Running, parts: &[&str]) {
    while !{
        let line = running.line();
        parts.iter().all(|part| line.contains(part))
    } {}
}

#[test]
fn are_run_as_the_contract_says() {
    let Some(container) = with(
        r#"
        "again": {"cron":"* * * * * * *","command":"echo again runs; exit 3","manner":{"retries":1,"retry_delay_secs":0}},
        "limit": {"cron":"* * * * * * *","command":"echo limit runs; exec sleep 1000","manner":{"timeout_secs":1}},
        "other": {"cron":"* * * * * * *","command":"echo other runs; exec sleep 1000","manner":{"overlap":"replace"}},
        "tokyo": {"cron":"0 12 1 1 *","command":"true","manner":{"timezone":"Asia/Tokyo"}},
        "utc":   {"cron":"0 12 1 1 *","command":"true"}"#,
    ) else {
        return;
    };
    // Flags are for those that say nothing themselves.
    let running = cron(&container, "-debug -overlap forbid");
    line(
        &running,
        &["will run next at", "T03:00:00Z", "job.position=3"],
    );
    line(
        &running,
        &["will run next at", "T12:00:00Z", "job.position=4"],
    );
    let mut wanted = vec![
        ("starting, retry 1", "job.position=0"),
        ("ending the job: it runs for 1s", "job.position=1"),
        ("it is ended for the new run", "job.position=2"),
    ];
    while !wanted.is_empty() {
        let line = running.line();
        wanted.retain(|(what, of)| !(line.contains(what) && line.contains(of)));
    }
    running.signal("TERM");
    running.signal_again("TERM");
    running.end();
}

#[test]
fn mistakes_are_told_with_the_name() {
    for (schedule, told) in [
        (
            r#""tidy":{"cron":"0 25 * * *","command":"true"}"#,
            "schedule \"tidy\" of the contract, column 3: 25 is not a value of the field hour",
        ),
        (
            r#""tidy":{"cron":"0 5 * * *","command":"true","manner":{"timezone":"Mars/Olympus"}}"#,
            "schedule \"tidy\" of the contract, column 1: there is no time zone \"Mars/Olympus\"",
        ),
    ] {
        let Some(container) = with(schedule) else {
            return;
        };
        let outcome = cron(&container, "").end();
        assert_eq!(outcome.code, Some(1), "{outcome:?}");
        // The record is one field of quoted text.
        assert!(
            outcome.stdout.replace('\\', "").contains(told),
            "{outcome:?}"
        );
    }
}

#[test]
fn check_finds_what_could_not_run() {
    let Some(container) = Container::new() else {
        return;
    };
    let container = container.contract(
        r#"{"version":1,"project":"p","service":"s","roles":{"web":{"command":"true","supervise":{"services":{"front":{"command":"no-such-nginx"}}}}},
            "schedules":{"a":{"cron":"0 25 * * *","command":"true"},"b":{"cron":"@daily","command":"true","manner":{"timezone":"Mars/Olympus"}},
                         "c":{"cron":"@daily","command":"no-such-tool"}}}"#,
    );
    let outcome = container.run(User::Nobody, &["check"]);
    assert_eq!(
        (outcome.code, outcome.stdout.as_str()),
        (
            Some(78),
            "schedule \"c\": there is no program no-such-tool\n\
             service \"front\" of role \"web\": there is no program no-such-nginx\n\
             schedule \"a\": 25 is not a value of the field hour, which goes from 0 to 23\n\
             schedule \"b\": there is no time zone \"Mars/Olympus\"\n"
        ),
        "{outcome:?}"
    );
}

#[test]
fn are_told_of_and_signalled() {
    let Some(container) = with(
        r#"
        "ends":  {"cron":"* * * * * * *","command":"exit 3"},
        "goes":  {"cron":"* * * * * * *","command":"echo goes runs; exec sleep 1000"},
        "never": {"cron":"0 0 31 2 *","command":"true"},
        "waits": {"cron":"0 12 1 1 *","command":"true"}"#,
    ) else {
        return;
    };
    fs::create_dir(container.path("state")).unwrap();
    fs::set_permissions(container.path("state"), fs::Permissions::from_mode(0o777)).unwrap();
    let line = "RUNDIR=/state exec /init cron -overlap forbid 2>&1";
    let running = Running::new(container.command(User::Nobody, &["sh", "-c", line]));
    self::line(&running, &["exit status 3", "job.position=0"]);
    let init = running.init();
    // A job that ends may run just then.
    let told = |words: &[&str], wanted: &[&str]| {
        let end = Instant::now() + PATIENCE;
        loop {
            let outcome = ask_of(init, "12345", words);
            let all = format!("{}{}", outcome.stdout, outcome.stderr);
            if wanted.iter().all(|wanted| all.contains(wanted)) {
                return outcome.code;
            }
            assert!(
                Instant::now() < end,
                "{words:?} never says {wanted:?}: {outcome:?}"
            );
        }
    };
    let all = [
        "role cron: running; init is process 1\n",
        "\nwaiting   ends, exit code 3\n",
        "\nrunning   goes, process ",
        "\nended     never\n",
        "\nwaiting   waits\n",
    ];
    assert_eq!(told(&["status"], &all), Some(0));
    let json =
        [r#"{"code":null,"name":"waits","pid":null,"restarts":0,"starts":0,"state":"waiting"}"#];
    assert_eq!(told(&["status", "--json"], &json), Some(0));
    for verb in ["ready", "alive"] {
        assert_eq!(ask_of(init, "12345", &[verb]).code, Some(0), "{verb}");
    }
    let due = ["jobs are started when they are due"];
    assert_eq!(told(&["restart", "goes"], &due), Some(69));
    assert_eq!(ask_of(init, "4000", &["status"]).code, Some(69));
    // It stops as if it had received the signal.
    assert_eq!(ask_of(init, "12345", &["signal", "TERM"]).code, Some(0));
    self::line(&running, &["received TERM, shutting down"]);
    assert_eq!(told(&["status"], &["role cron: stopping; "]), Some(0));
    assert_eq!(told(&["ready"], &["is being stopped"]), Some(69));
    // The second one ends what runs; who asks may end with it.
    let _ = ask_of(init, "12345", &["signal", "TERM"]);
    running.end();
    assert!(!container.path("state/boatyard-12345/control").exists());
}
