//! The schedules of a contract, run as it says.

use crate::container::{Container, Running, User};

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
