//! Days: of the month (`15`, `L`, `LW`, `15W`), of the week (`mon`, `5L`, `5#3`), and both together.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::field::{DAY, Set, WEEKDAY, items, value};
use super::mistake::Wrong;

/// How day and weekday go together where both are given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stars {
    /// A day that fits one of them is a day, unless one is exactly `*`: then the other decides. As supercronic.
    #[default]
    Alone,
    /// If one of them begins with `*`, as `*/2`, a day has to fit both. As Vixie's cron, Debian's and cronie.
    Vixie,
}

/// Which days of a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayFields {
    days: Set,
    last: bool,
    last_workday: bool,
    workdays: BTreeSet<u16>,
    weekdays: Set,
    /// Weekday, from 0 for Sunday, and which of the month, from 1.
    nth: BTreeSet<(u16, u16)>,
    last_weekdays: BTreeSet<u16>,
    both: bool,
}

/// The text of the two fields.
#[derive(Clone, Copy)]
pub struct Text<'a> {
    pub day: &'a str,
    pub weekday: &'a str,
}

/// Which of the two fields is wrong, where in it (in characters), and what.
pub type InField = (bool, usize, Wrong);

impl DayFields {
    /// Reads both fields.
    pub fn parse(text: Text<'_>, stars: Stars) -> Result<Self, InField> {
        let mut days = Self {
            days: Set::empty(text.day),
            last: false,
            last_workday: false,
            workdays: BTreeSet::new(),
            weekdays: Set::empty(text.weekday),
            nth: BTreeSet::new(),
            last_weekdays: BTreeSet::new(),
            both: false,
        };
        for item in items(text.day) {
            days.day(item.text)
                .map_err(|(at, wrong)| (false, item.at + at, wrong))?;
        }
        for item in items(text.weekday) {
            days.weekday(item.text)
                .map_err(|(at, wrong)| (true, item.at + at, wrong))?;
        }
        days.both = days.days.any
            || days.weekdays.any
            || (stars == Stars::Vixie && (days.days.star || days.weekdays.star));
        Ok(days)
    }

    /// Whether `stars` would make a difference.
    pub fn depends_on_stars(&self) -> bool {
        !self.days.any && !self.weekdays.any && (self.days.star || self.weekdays.star)
    }

    fn day(&mut self, text: &str) -> Result<(), (usize, Wrong)> {
        match text.to_ascii_lowercase().as_str() {
            "l" => self.last = true,
            "lw" | "wl" => self.last_workday = true,
            lower => match lower.strip_suffix('w') {
                Some(day) => {
                    let day = value(&DAY, day).map_err(|_| (0, not_a_value(DAY.name, text)))?;
                    self.workdays.insert(day);
                }
                None => self.days.item(&DAY, text)?,
            },
        }
        Ok(())
    }

    fn weekday(&mut self, text: &str) -> Result<(), (usize, Wrong)> {
        let not = || (0, not_a_value(WEEKDAY.name, text));
        if let Some((day, nth)) = text.split_once('#') {
            let day = value(&WEEKDAY, day).map_err(|_| not())?;
            let nth = nth.parse().ok().filter(|nth| (1..=5).contains(nth));
            self.nth.insert((day % 7, nth.ok_or_else(not)?));
            return Ok(());
        }
        if let Some(day) = text.strip_suffix(['L', 'l'])
            && let Ok(day) = value(&WEEKDAY, day)
        {
            self.last_weekdays.insert(day % 7);
            return Ok(());
        }
        self.weekdays.item(&WEEKDAY, text)
    }

    /// Whether a day has to fit both fields.
    pub fn is_both(&self) -> bool {
        self.both
    }

    /// Days and weekdays, 7 for Sunday too, if there is nothing but these.
    pub fn plain(&self) -> Option<(&Set, &Set)> {
        let more = self.last
            || self.last_workday
            || !self.workdays.is_empty()
            || !self.nth.is_empty()
            || !self.last_weekdays.is_empty();
        (!more).then_some((&self.days, &self.weekdays))
    }

    /// The first day from `from` on in the month that `first` is the first day of.
    pub fn first_from(&self, first: Date, from: i8) -> Option<i8> {
        (from.max(1)..=first.days_in_month()).find(|&day| self.has(first, day))
    }

    fn has(&self, first: Date, day: i8) -> bool {
        let (in_month, in_week) = (self.in_month(first, day), self.in_week(first, day));
        if self.both {
            in_month && in_week
        } else {
            in_month || in_week
        }
    }

    fn in_month(&self, first: Date, day: i8) -> bool {
        let last = first.days_in_month();
        let number = u16::try_from(day).unwrap_or(0);
        self.days.has(number)
            || (self.last && day == last)
            || (self.last_workday && day == workday(first, last))
            || self.workdays.iter().any(|&wanted| {
                i8::try_from(wanted)
                    .is_ok_and(|wanted| wanted <= last && day == workday(first, wanted))
            })
    }

    fn in_week(&self, first: Date, day: i8) -> bool {
        let weekday = weekday(first, day);
        let nth = u16::try_from((day - 1) / 7 + 1).unwrap_or(0);
        self.weekdays.has(weekday)
            || (weekday == 0 && self.weekdays.has(7))
            || self.nth.contains(&(weekday, nth))
            || (self.last_weekdays.contains(&weekday) && day + 7 > first.days_in_month())
    }
}

fn not_a_value(field: &'static str, found: &str) -> Wrong {
    Wrong::NotAValue {
        field,
        found: found.to_owned(),
    }
}

/// 0 for Sunday.
fn weekday(first: Date, day: i8) -> u16 {
    let offset = first.weekday().to_sunday_zero_offset() + (day - 1);
    u16::try_from(offset % 7).unwrap_or(0)
}

/// The day from Monday to Friday nearest to `day`, in the same month.
fn workday(first: Date, day: i8) -> i8 {
    match weekday(first, day) {
        6 if day > 1 => day - 1,
        6 => day + 2,
        0 if day < first.days_in_month() => day + 1,
        0 => day - 2,
        _ => day,
    }
}
