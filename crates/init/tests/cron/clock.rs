//! Changes of the clock.

use boatyard_init::cron::{Expression, Schedule, Stars};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use proptest::prelude::*;

fn times(expression: &str, zone: &str, start: &str, count: usize) -> Vec<String> {
    let zone = TimeZone::get(zone).unwrap();
    let expression = Expression::parse(expression, Stars::Alone).unwrap();
    let mut time: Timestamp = start.parse().unwrap();
    (0..count)
        .map(|_| {
            time = expression.next(time, &zone).unwrap();
            time.to_zoned(zone.clone())
                .strftime("%d %H:%M%:z")
                .to_string()
        })
        .collect()
}

const PARIS: &str = "Europe/Paris";
const SPRING: &str = "2024-03-31T00:00:00+01:00";
const AUTUMN: &str = "2024-10-27T01:00:00+02:00";
const LORD_HOWE: &str = "Australia/Lord_Howe";

/// Expression, zone, start, and the times that follow.
const CHANGES: &[(&str, &str, &str, &[&str])] = &[
    // 02:00 to 03:00 is not there: once, right after; not a second time for 03:00.
    (
        "30 2 * * *",
        PARIS,
        SPRING,
        &["31 03:00+02:00", "01 02:30+02:00"],
    ),
    (
        "0,30 2,3 * * *",
        PARIS,
        SPRING,
        &["31 03:00+02:00", "31 03:30+02:00", "01 02:00+02:00"],
    ),
    (
        "*/20 * * * *",
        PARIS,
        "2024-03-31T01:30:00+01:00",
        &["31 01:40+01:00", "31 03:00+02:00", "31 03:20+02:00"],
    ),
    (
        // Vixie's rule: it follows the clock, which has no such hour that day.
        "*/20 2 * * *",
        PARIS,
        SPRING,
        &["01 02:00+02:00", "01 02:20+02:00"],
    ),
    (
        "10 * * * *",
        PARIS,
        "2024-03-31T01:05:00+01:00",
        &["31 01:10+01:00", "31 03:10+02:00"],
    ),
    // 02:00 to 03:00 is there twice: once for fixed times, twice for what follows the clock.
    (
        "30 2 * * *",
        PARIS,
        AUTUMN,
        &["27 02:30+02:00", "28 02:30+01:00"],
    ),
    (
        "30 2 * * *",
        PARIS,
        "2024-10-27T02:15:00+01:00",
        &["28 02:30+01:00"],
    ),
    (
        "*/30 * * * *",
        PARIS,
        "2024-10-27T01:30:00+02:00",
        &[
            "27 02:00+02:00",
            "27 02:30+02:00",
            "27 02:00+01:00",
            "27 02:30+01:00",
            "27 03:00+01:00",
        ],
    ),
    // A gap and a repetition of half an hour.
    (
        "15 2 * * *",
        LORD_HOWE,
        "2024-10-06T01:00:00+10:30",
        &["06 02:30+11:00", "07 02:15+11:00"],
    ),
    (
        "*/10 * * * *",
        LORD_HOWE,
        "2024-10-06T01:50:00+10:30",
        &["06 02:30+11:00"],
    ),
    (
        "45 1 * * *",
        LORD_HOWE,
        "2024-04-07T01:00:00+11:00",
        &["07 01:45+11:00", "08 01:45+10:30"],
    ),
    (
        "45 * * * *",
        LORD_HOWE,
        "2024-04-07T01:00:00+11:00",
        &["07 01:45+11:00", "07 01:45+10:30", "07 02:45+10:30"],
    ),
    // Samoa had no 30th of December 2011.
    (
        "0 12 30 12 *",
        "Pacific/Apia",
        "2011-12-29T00:00:00-10:00",
        &["31 00:00+14:00"],
    ),
    (
        "0 * * * *",
        "Pacific/Apia",
        "2011-12-29T22:30:00-10:00",
        &["29 23:00-10:00", "31 00:00+14:00"],
    ),
    // At midnight.
    (
        "30 0 * * *",
        "Asia/Beirut",
        "2024-03-30T23:00:00+02:00",
        &["31 01:00+03:00", "01 00:30+03:00"],
    ),
];

#[test]
fn spring_and_autumn() {
    for (expression, zone, start, wanted) in CHANGES {
        assert_eq!(
            times(expression, zone, start, wanted.len()),
            *wanted,
            "{expression} in {zone}"
        );
    }
}

fn zone() -> impl Strategy<Value = TimeZone> {
    prop::sample::select(vec![
        "Europe/Paris",
        "America/New_York",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "Africa/Casablanca",
        "America/St_Johns",
        "Asia/Kathmandu",
        "Antarctica/Troll",
        "Asia/Manila",
        "Pacific/Kiritimati",
    ])
    .prop_map(|name| TimeZone::get(name).unwrap())
}

fn field(least: u8, most: u8) -> impl Strategy<Value = String> {
    prop_oneof![
        Just("*".to_owned()),
        (least..=most).prop_map(|value| value.to_string()),
        (1..=most).prop_map(|step| format!("*/{step}")),
        (least..=most, least..=most, 1..=most).prop_map(|(one, other, step)| format!(
            "{}-{}/{step}",
            one.min(other),
            one.max(other)
        )),
    ]
}

fn expression() -> impl Strategy<Value = String> {
    (
        field(0, 59),
        field(0, 23),
        field(1, 31),
        field(1, 12),
        field(0, 7),
    )
        .prop_map(|(minute, hour, day, month, weekday)| {
            format!("{minute} {hour} {day} {month} {weekday}")
        })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 4000, ..ProptestConfig::default() })]

    /// Nothing is due at or before the time asked about, in any zone, and two askers agree: what is due after a moment
    /// shortly before the due time is the due time.
    #[test]
    fn time_goes_forward(text in expression(), zone in zone(), second in -5_000_000_000_i64..4_000_000_000) {
        let schedule = Schedule::parse(&text, Stars::Alone).unwrap();
        let start = Timestamp::from_second(second).unwrap();
        if let Some(next) = schedule.next(start, &zone) {
            prop_assert!(next > start, "{text}");
            let before = next - 1.second();
            prop_assert_eq!(schedule.next(before.max(start), &zone), Some(next), "{}", text);
        }
    }
}
