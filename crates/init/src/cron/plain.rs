//! An expression in the language that other schedulers have too: numbers of minutes, hours, days, months and weekdays.

use std::collections::BTreeSet;

use super::expression::Expression;
use super::schedule::Schedule;

/// Which minutes, hours, days, months and weekdays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plain {
    /// From 0 to 59.
    pub minutes: BTreeSet<u16>,
    /// From 0 to 23.
    pub hours: BTreeSet<u16>,
    /// Days of the month, from 1 to 31.
    pub days: BTreeSet<u16>,
    /// From 1 to 12.
    pub months: BTreeSet<u16>,
    /// From 0, Sunday, to 6.
    pub weekdays: BTreeSet<u16>,
    /// Whether a day has to fit both `days` and `weekdays`; else one of them is enough.
    pub both: bool,
}

impl Expression {
    /// It in plain numbers; none if it says more: seconds, years, `L`, `W` or `#`.
    pub fn plain(&self) -> Option<Plain> {
        let is_whole = self.second.values().eq([0]) && self.year.any;
        let (days, weekdays) = self.days.plain().filter(|_| is_whole)?;
        Some(Plain {
            minutes: self.minute.values().collect(),
            hours: self.hour.values().collect(),
            days: days.values().collect(),
            months: self.month.values().collect(),
            weekdays: weekdays.values().map(|day| day % 7).collect(),
            both: self.days.is_both(),
        })
    }
}

impl Schedule {
    /// The expression in plain numbers; none if it says more than that, or is none.
    pub fn plain(&self) -> Option<Plain> {
        match self {
            Self::Calendar(expression) => expression.plain(),
            Self::Every(_) | Self::Reboot => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::cron::{Schedule, Stars};

    #[test]
    fn numbers() {
        for (text, expected) in [
            ("5,50/5 3 * * fri-sun", Some("5,50,55 3 31 12 0,5,6 both")),
            ("0 3 */10 jan 7", Some("0 3 4 1 0 one")),
            ("@weekly", Some("0 0 31 12 0 both")),
            ("0 0 3 * * ? *", Some("0 3 31 12 0,1,2,3,4,5,6 both")),
            ("30 0 3 * * ? *", None),
            ("0 3 * * * 2030", None),
            ("0 3 L * *", None),
            ("0 3 15W * *", None),
            ("0 3 * * 5#2", None),
            ("0 3 * * 5L", None),
            ("@every 5m", None),
        ] {
            let list = |all: &std::collections::BTreeSet<u16>| {
                let all: Vec<String> = all.iter().map(u16::to_string).collect();
                all.join(",")
            };
            let found = Schedule::parse(text, Stars::Alone).expect(text).plain();
            let found = found.map(|it| {
                format!(
                    "{} {} {} {} {} {}",
                    list(&it.minutes),
                    list(&it.hours),
                    it.days.len(),
                    it.months.len(),
                    list(&it.weekdays),
                    if it.both { "both" } else { "one" }
                )
            });
            assert_eq!(found.as_deref(), expected, "{text}");
        }
    }
}
