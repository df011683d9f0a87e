//! Times of crontab as those of systemd.time(7).

use std::collections::BTreeSet;

/// Words of crontab that have times of their own.
const WORDS: [(&str, &str); 7] = [
    ("@hourly", "0 * * * *"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@weekly", "0 0 * * 0"),
    ("@monthly", "0 0 1 * *"),
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
];

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// Names of days as systemd has them.
const NAMES: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/// The values of `OnCalendar` that mean what `cron` means, in `zone` if there is one. None where a field says more than
/// lists, ranges and steps. Where both the day of the month and that of the week are given, one of them is enough: two values.
pub(super) fn of(cron: &str, zone: Option<&str>) -> Option<Vec<String>> {
    let cron = cron.trim();
    let word = WORDS.iter().find(|(word, _)| *word == cron);
    let text = word.map_or(cron, |(_, text)| text);
    let fields: Vec<&str> = text.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = fields.as_slice() else {
        return None;
    };
    let minutes = values(minute, 0, 59, &[], 0)?;
    let hours = values(hour, 0, 23, &[], 0)?;
    let days = values(day, 1, 31, &[], 0)?;
    let months = values(month, 1, 12, &MONTHS, 1)?;
    let weekdays: BTreeSet<u32> = values(weekday, 0, 7, &DAYS, 0)?
        .into_iter()
        .map(|day| day % 7)
        .collect();
    let every_day = day.starts_with('*');
    let every_weekday = weekday.starts_with('*');
    let time = format!("{}:{}:00", list(&hours, 24), list(&minutes, 60));
    let zone = zone.map_or_else(String::new, |zone| format!(" {zone}"));
    let whole = |weekdays: Option<&BTreeSet<u32>>, days: &BTreeSet<u32>| {
        let names = weekdays.filter(|days| days.len() < 7).map(|days| {
            let names: Vec<&str> = days.iter().map(|day| NAMES[*day as usize]).collect();
            format!("{} ", names.join(","))
        });
        let (months, days) = (list(&months, 12), list(days, 31));
        format!(
            "{}*-{months}-{days} {time}{zone}",
            names.unwrap_or_default()
        )
    };
    let all: BTreeSet<u32> = (1..=31).collect();
    Some(if every_day || every_weekday {
        vec![whole(Some(&weekdays), &days)]
    } else {
        vec![whole(None, &days), whole(Some(&weekdays), &all)]
    })
}

/// The numbers of a field: `*`, `1`, `1-5`, `*/5`, `1-9/2`, names, and lists of them.
fn values(field: &str, least: u32, most: u32, names: &[&str], first: u32) -> Option<BTreeSet<u32>> {
    let number = |text: &str| -> Option<u32> {
        let lower = text.to_ascii_lowercase();
        let word = names.iter().zip(first..).find(|(name, _)| **name == lower);
        let number = word.map_or_else(|| text.parse().ok(), |(_, number)| Some(number))?;
        (least..=most).contains(&number).then_some(number)
    };
    let mut all = BTreeSet::new();
    for item in field.split(',') {
        let (range, step) = match item.split_once('/') {
            Some((range, step)) => (range, step.parse::<usize>().ok().filter(|step| *step > 0)?),
            None => (item, 1),
        };
        let (from, to) = match range.split_once('-') {
            Some((from, to)) => (number(from)?, number(to)?),
            None if range == "*" => (least, most),
            None if item.contains('/') => (number(range)?, most),
            None => (number(range)?, number(range)?),
        };
        all.extend((from..=to).step_by(step));
    }
    (!all.is_empty()).then_some(all)
}

/// Numbers as systemd reads them; `*` for all `count` of them.
fn list(numbers: &BTreeSet<u32>, count: usize) -> String {
    if numbers.len() == count {
        return "*".to_owned();
    }
    let numbers: Vec<String> = numbers
        .iter()
        .map(|number| format!("{number:02}"))
        .collect();
    numbers.join(",")
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn times() {
        for (cron, expected) in [
            ("0 3 * * *", Some("*-*-* 03:00:00")),
            ("*/20 * * * *", Some("*-*-* *:00,20,40:00")),
            ("@weekly", Some("Sun *-*-* 00:00:00")),
            (
                "30 8-10 * jan,7 mon-fri",
                Some("Mon,Tue,Wed,Thu,Fri *-01,07-* 08,09,10:30:00"),
            ),
            ("0 0 1 * 5", Some("*-*-01 00:00:00 | Fri *-*-* 00:00:00")),
            ("0 0 * * 0-7", Some("*-*-* 00:00:00")),
            ("5/30 0 * * *", Some("*-*-* 00:05,35:00")),
            ("0 0 L * *", None),
            ("60 0 * * *", None),
            ("0 0 * *", None),
        ] {
            let found = of(cron, None).map(|all| all.join(" | "));
            assert_eq!(found.as_deref(), expected, "{cron}");
        }
        let zoned = of("0 3 * * *", Some("Europe/Paris")).unwrap_or_default();
        assert_eq!(zoned, ["*-*-* 03:00:00 Europe/Paris"]);
    }
}
