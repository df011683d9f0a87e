//! Whole crontabs, and what is said of them.

use boatyard_init::cron::{Overlap, Reading, Rules, Schedule, Stars, Table, parse};
use jiff::tz::TimeZone;

pub fn read(text: &[u8]) -> Result<Table, Vec<String>> {
    let zone = |name: &str| TimeZone::get(name).ok();
    let reading = Reading {
        zone: &zone,
        stars: Stars::Alone,
        rules: Rules::default(),
    };
    parse(text, &reading).map_err(|mistakes| mistakes.iter().map(ToString::to_string).collect())
}

#[test]
fn a_crontab() {
    let table = read(
        b"# jobs\n\nSHELL = /bin/bash\nEMPTY=\nGREETING=\"hello there\"\nODD='a\"\nCRON_TZ=Europe/Paris\n\
          */5 * * * *   flask sync --all \n\
          # boatyard: overlap=queue timeout=10m\n# boatyard: retries=2 retry-delay=1m splay=30s\n@every 90s\tpoll\n\
          * * * * * 5 x\n* * * * * * y\n*/10 * * * * * * z % z\nLATE=1\n",
    )
    .unwrap();
    let jobs: Vec<(&str, &str, usize)> = table
        .jobs
        .iter()
        .map(|job| (job.text.as_str(), job.command.as_str(), job.line))
        .collect();
    assert_eq!(
        jobs,
        [
            ("*/5 * * * *", "flask sync --all", 8),
            ("@every 90s", "poll", 11),
            ("* * * * *", "5 x", 12),
            ("* * * * * *", "y", 13),
            ("*/10 * * * * * *", "z % z", 14),
        ]
    );
    let variables: Vec<(&str, &str)> = table
        .environment
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(
        variables,
        [
            ("CRON_TZ", "Europe/Paris"),
            ("EMPTY", ""),
            ("GREETING", "hello there"),
            ("LATE", "1"),
            ("ODD", "'a\""),
            ("SHELL", "/bin/bash"),
        ]
    );
    assert_eq!(table.jobs[1].rules.overlap, Overlap::Queue);
    assert_eq!(table.jobs[1].rules.retries, 2);
    assert_eq!(table.jobs[2].rules, Rules::default());
    assert_eq!(
        table.jobs[1].schedule,
        Schedule::Every(std::time::Duration::from_secs(90))
    );
    let remarks: Vec<String> = table.remarks.iter().map(ToString::to_string).collect();
    assert_eq!(
        remarks,
        [
            "14: % is not a newline here, as it is for cron: the shell sees it",
            "15: LATE also holds for the jobs above it",
        ]
    );
}

#[test]
fn zones_hold_for_the_file_or_from_their_line() {
    let zones = |text: &[u8]| -> Vec<Option<String>> {
        let table = read(text).unwrap();
        table
            .jobs
            .iter()
            .map(|job| job.zone.as_ref()?.iana_name().map(str::to_owned))
            .collect()
    };
    let (paris, tokyo) = (
        Some("Europe/Paris".to_owned()),
        Some("Asia/Tokyo".to_owned()),
    );
    assert_eq!(
        zones(b"@daily a\nCRON_TZ=Europe/Paris\n@daily b"),
        [paris.clone(), paris.clone()]
    );
    assert_eq!(
        zones(b"@daily a\nCRON_TZ=Europe/Paris\n@daily b\nCRON_TZ='Asia/Tokyo'\n@daily c"),
        [None, paris, tokyo]
    );
}

#[test]
fn mistakes_have_a_place() {
    for (text, wanted) in [
        (
            &b"* * * *"[..],
            "1:1: a job is five fields (minute hour day month weekday) and a command, and here are 4 words",
        ),
        (b"\n  * * * * *  ", "2:12: the schedule has no command"),
        (
            b"61 * * * * x",
            "1:1: 61 is not a value of the field minute, which goes from 0 to 59",
        ),
        (
            b"0 0,24 * * * x",
            "1:5: 24 is not a value of the field hour, which goes from 0 to 23",
        ),
        (
            b"0 0 0 * * x",
            "1:5: 0 is not a value of the field day, which goes from 1 to 31",
        ),
        (
            b"0 0 * foo * x",
            "1:7: \"foo\" is not a value of the field month",
        ),
        (
            b"0 0 * foo nay x",
            "1:7: \"foo\" is not a value of the field month",
        ),
        (
            b"0 0 * * 8 x",
            "1:9: 8 is not a value of the field weekday, which goes from 0 to 7",
        ),
        (
            b"0 22-6 * * * x",
            "1:3: the range 22-6 of the field hour ends before it starts",
        ),
        (
            b"*/90 * * * * x",
            "1:3: \"90\" is not a step of the field minute, whose steps go from 1 to 59",
        ),
        (
            b"*/0 * * * * x",
            "1:3: \"0\" is not a step of the field minute, whose steps go from 1 to 59",
        ),
        (
            b"1,,2 * * * * x",
            "1:3: \"\" is not a value of the field minute",
        ),
        (
            b"1-2-3 * * * * x",
            "1:3: \"2-3\" is not a value of the field minute",
        ),
        (
            b"+1 * * * * x",
            "1:1: \"+1\" is not a value of the field minute",
        ),
        (
            b"* * 40W * * x",
            "1:5: \"40W\" is not a value of the field day",
        ),
        (
            b"* * * * 1#6 x",
            "1:9: \"1#6\" is not a value of the field weekday",
        ),
        (b"@fortnightly x", "1:1: there is no schedule @fortnightly"),
        (
            b"@every x",
            "1:8: \"x\" is not a time such as 90s, 5m or 1h30m",
        ),
        (
            b"@every 0s x",
            "1:8: \"0s\" is not a time such as 90s, 5m or 1h30m",
        ),
        (
            b"@every",
            "1:7: \"\" is not a time such as 90s, 5m or 1h30m",
        ),
        (b"@daily", "1:7: the schedule has no command"),
        (
            b"  CRON_TZ = Mars/Base",
            "1:13: there is no time zone \"Mars/Base\"",
        ),
        (
            b"# boatyard: overlap=maybe\n@daily x",
            "1:13: \"overlap=maybe\" is not a setting of a job",
        ),
        (
            b"# boatyard: timeout=soon\n@daily x",
            "1:13: \"soon\" is not a time such as 90s, 5m or 1h30m",
        ),
        (
            b"@daily x\n# boatyard: retries=1",
            "2:1: these settings belong to no job",
        ),
        (b"@daily x\0y", "1:9: a command cannot hold a NUL byte"),
        (
            b"@daily \xc3\xa9\n\xc3\xa9\xff",
            "2:2: this is not text in UTF-8",
        ),
    ] {
        assert_eq!(read(text).unwrap_err(), [wanted], "{}", text.escape_ascii());
    }
}

#[test]
fn all_mistakes_are_told_at_once() {
    let told = read(b"61 * * * * x\n@daily fine\n0 24 * * * x").unwrap_err();
    assert_eq!(told.len(), 2, "{told:?}");
}
