//! Times of crontab as those of systemd.time(7).

use std::collections::BTreeSet;

use boatyard_init::cron::{Schedule, Stars};

/// Names of days as systemd has them, from Sunday on.
const NAMES: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/// The values of `OnCalendar` that mean what `cron` means to boatyard-init, in `zone` if there is one. None where a field says
/// more than lists, ranges and steps. Where one of day and weekday is enough: two values.
pub(super) fn of(cron: &str, zone: Option<&str>) -> Option<Vec<String>> {
    let plain = Schedule::parse(cron, Stars::Alone).ok()?.plain()?;
    let time = format!("{}:{}:00", list(&plain.hours, 24), list(&plain.minutes, 60));
    let zone = zone.map_or_else(String::new, |zone| format!(" {zone}"));
    let all_days: BTreeSet<u16> = (1..=31).collect();
    let whole = |weekdays: Option<&BTreeSet<u16>>, days: &BTreeSet<u16>| {
        let names = weekdays
            .filter(|days| days.len() < NAMES.len())
            .map(|days| {
                let names: Vec<&str> = days.iter().map(|day| NAMES[usize::from(*day)]).collect();
                format!("{} ", names.join(","))
            });
        let (months, days) = (list(&plain.months, 12), list(days, 31));
        format!(
            "{}*-{months}-{days} {time}{zone}",
            names.unwrap_or_default()
        )
    };
    Some(if plain.both {
        vec![whole(Some(&plain.weekdays), &plain.days)]
    } else {
        vec![
            whole(None, &plain.days),
            whole(Some(&plain.weekdays), &all_days),
        ]
    })
}

/// Numbers as systemd reads them; `*` for all `count` of them.
fn list(numbers: &BTreeSet<u16>, count: usize) -> String {
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
            (
                "0 0 */2 4 mon",
                Some(
                    "*-04-01,03,05,07,09,11,13,15,17,19,21,23,25,27,29,31 00:00:00 | Mon *-04-* 00:00:00",
                ),
            ),
            (
                "0 0 15 4 */2",
                Some("*-04-15 00:00:00 | Sun,Tue,Thu,Sat *-04-* 00:00:00"),
            ),
            ("0 0 ? january Monday", Some("Mon *-01-* 00:00:00")),
            ("0 0 1 * ?", Some("*-*-01 00:00:00")),
            ("0 0 * * fri-sun", Some("Sun,Fri,Sat *-*-* 00:00:00")),
            (
                "0 0 * * wed,fri-sun",
                Some("Sun,Wed,Fri,Sat *-*-* 00:00:00"),
            ),
            ("0 0 * * 5-0", None),
            ("+5 0 * * *", None),
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
