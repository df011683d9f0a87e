//! Due times, most of them near changes of the clock, against crondst (Vixie's rule) from the Python index.

use std::fmt::Write as _;

use boatyard_init::cron::{Expression, Stars};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::python::{Python, cases};
use crate::random::Random;

/// crondst knows only changes by an hour, on the hour.
const ZONES: [&str; 14] = [
    "UTC",
    "Europe/Paris",
    "Europe/London",
    "Europe/Lisbon",
    "America/New_York",
    "America/Los_Angeles",
    "America/Havana",
    "America/Santiago",
    "America/Sao_Paulo",
    "Africa/Cairo",
    "Asia/Beirut",
    "Asia/Jerusalem",
    "Australia/Sydney",
    "Pacific/Auckland",
];

/// How many times of one expression are asked for, each after the one before.
const IN_ROW: usize = 4;

const SCRIPT: &str = r"
import datetime, sys, zoneinfo
from crondst import CronDst, CronDstError
for line in sys.stdin:
    zone, start, expression = line.rstrip('\n').split('\t')
    try:
        times = CronDst(expression).iter(datetime.datetime.fromtimestamp(int(start), zoneinfo.ZoneInfo(zone)))
        print(*(int(time.timestamp()) for _, time in zip(range(4), times)))
    except CronDstError:
        print('refused')
";

#[test]
fn due_times_are_those_of_crondst() {
    let Some(python) = Python::with(&["crondst"]) else {
        return;
    };
    let mut random = Random::new(0x0b0a_7ad5);
    let zones: Vec<(&str, TimeZone)> = ZONES
        .iter()
        .map(|name| (*name, TimeZone::get(name).unwrap()))
        .collect();
    let questions: Vec<(usize, i64, String)> = (0..cases(100_000) / IN_ROW)
        .map(|_| {
            let index = usize::try_from(random.between(0, 13)).unwrap();
            (
                index,
                start(&mut random, &zones[index].1),
                expression(&mut random),
            )
        })
        .collect();
    let text = questions
        .iter()
        .fold(String::new(), |mut text, (zone, start, expression)| {
            writeln!(text, "{}\t{start}\t{expression}", zones[*zone].0).unwrap();
            text
        });
    let answers = python.ask(SCRIPT, text);
    assert_eq!(answers.len(), questions.len());
    let (mut compared, mut refused) = (0, 0);
    let mut different = Vec::new();
    for ((zone, start, expression), theirs) in questions.iter().zip(&answers) {
        // It refuses months whose last day it believes not to be there, as in `* * * 6 *`.
        if theirs == "refused" {
            refused += 1;
            continue;
        }
        let (name, zone) = &zones[*zone];
        let ours = times(expression, *start, zone);
        compared += ours.len().max(1);
        let ours: Vec<String> = ours.iter().map(i64::to_string).collect();
        if ours.join(" ") != *theirs {
            different.push(format!(
                "{expression} in {name} after {start}: {ours:?}, theirs {theirs}"
            ));
        }
    }
    println!("{compared} times compared, {refused} expressions refused by crondst");
    assert!(refused < questions.len() / 20, "crondst refuses {refused}");
    assert!(
        different.is_empty(),
        "{} differ: {:#?}",
        different.len(),
        &different[..different.len().min(10)]
    );
}

fn times(expression: &str, start: i64, zone: &TimeZone) -> Vec<i64> {
    let expression = Expression::parse(expression, Stars::Vixie).unwrap();
    let mut time = Timestamp::from_second(start).unwrap();
    let mut times = Vec::new();
    while times.len() < IN_ROW
        && let Some(next) = expression.next(time, zone)
    {
        assert!(next > time);
        times.push(next.as_second());
        time = next;
    }
    times
}

/// A whole minute of the years 2000 to 2037, mostly within four hours of a change of the clock.
fn start(random: &mut Random, zone: &TimeZone) -> i64 {
    let any = Timestamp::from_second(random.between(946_684_800, 2_145_916_800)).unwrap();
    let near = zone.following(any).next().map(|change| change.timestamp());
    let at = match near.filter(|_| random.chance(80)) {
        Some(change) => change.as_second() + random.between(-4 * 3600, 4 * 3600),
        None => any.as_second(),
    };
    at - at.rem_euclid(60)
}

fn expression(random: &mut Random) -> String {
    let minute = field(random, 0, 59, 30);
    let hour = if random.chance(40) {
        // The hours at which clocks change.
        random
            .pick(&["0", "1", "2", "3", "1-3", "23", "0-2/2", "*/2"])
            .to_string()
    } else {
        field(random, 0, 23, 50)
    };
    let day = field(random, 1, 31, 70);
    let month = field(random, 1, 12, 80);
    let weekday = field(random, 0, 7, 70);
    format!("{minute} {hour} {day} {month} {weekday}")
}

fn field(random: &mut Random, least: i64, most: i64, percent_any: i64) -> String {
    if random.chance(percent_any) {
        return "*".to_owned();
    }
    (0..random.between(1, 3))
        .map(|_| item(random, least, most))
        .collect::<Vec<_>>()
        .join(",")
}

fn item(random: &mut Random, least: i64, most: i64) -> String {
    let (one, other) = (random.between(least, most), random.between(least, most));
    let step = random.between(1, most);
    match random.between(0, 6) {
        0 => format!("*/{step}"),
        1 => format!("{one}/{step}"),
        2 => format!("{}-{}", one.min(other), one.max(other)),
        3 => format!("{}-{}/{step}", one.min(other), one.max(other)),
        _ => one.to_string(),
    }
}
