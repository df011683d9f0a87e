//! The next time of an expression, right at changes of the clock.
//!
//! ```text
//! spring, 02:00 -> 03:00    30 2 * * *    once, at 03:00          */20 * * * *    .. 01:40, 03:00, 03:20 ..
//! autumn, 03:00 -> 02:00    30 2 * * *    once, at the first 02:30   */20 * * * *    every 20 minutes, 02:40 twice
//! ```

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use super::expression::Expression;

/// How far ahead a day is looked for. The 29th of February on a given weekday can be 40 years away (2072 to 2112).
const YEARS: i16 = 100;

/// Clocks go back by a day at most (the Philippines in 1844): a time on them can come again for so long.
const LONGEST_REPETITION: SignedDuration = SignedDuration::from_hours(48);

const SECOND: SignedDuration = SignedDuration::from_secs(1);

impl Expression {
    /// The first time after `after`, always later than it; none if there is none within a hundred years.
    pub fn next(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        // Times are whole seconds: what comes after 10:00:00.9 comes after 10:00:00.
        let after = Timestamp::from_second(
            after
                .as_nanosecond()
                .div_euclid(1_000_000_000)
                .try_into()
                .ok()?,
        )
        .ok()?;
        let next = if self.follows_the_clock() {
            self.next_on_clock(after, zone)
        } else {
            self.next_fixed(after, zone)
        };
        next.filter(|&next| next > after)
    }

    /// Every instant at which the clock shows one of the times.
    fn next_on_clock(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let mut instant = after;
        let mut time = zone.to_offset(after).to_datetime(after);
        loop {
            let offset = zone.to_offset(instant);
            let next = self
                .next_civil(time)
                .and_then(|time| offset.to_timestamp(time).ok());
            let change = zone
                .following(instant)
                .next()
                .map(|change| change.timestamp());
            match (next, change) {
                (Some(next), Some(change)) if next < change => return Some(next),
                (Some(next), None) => return Some(next),
                (None, None) => return None,
                (None, Some(change)) if change.duration_since(instant) > LONGEST_REPETITION => {
                    return None;
                }
                // After the change the clock shows other times, also such that it has shown before. The change itself
                // is the first of them.
                (_, Some(change)) => {
                    instant = change;
                    time = zone
                        .to_offset(change)
                        .to_datetime(change)
                        .checked_sub(SECOND)
                        .ok()?;
                }
            }
        }
    }

    /// One instant for each time that the calendar has: the first at which the clock shows it, and the moment after the
    /// gap where the clock leaves it out.
    fn next_fixed(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let mut time = zone.to_offset(after).to_datetime(after);
        loop {
            time = self.next_civil(time)?;
            let instant = first_instant(time, zone)?;
            if instant > after {
                return Some(instant);
            }
        }
    }

    /// The first time of the calendar after this one.
    fn next_civil(&self, after: DateTime) -> Option<DateTime> {
        let (year, month, day) = (after.year(), after.month(), after.day());
        let today = after.date().first_of_month();
        if self.year.has(year.try_into().ok()?)
            && self.month.has(month.try_into().ok()?)
            && self.days.first_from(today, day) == Some(day)
            && let Some(time) = self.time_from(after.time(), true)
        {
            return Some(after.date().to_datetime(time));
        }
        let midnight = self.time_from(Time::midnight(), false)?;
        let mut first = today;
        let mut from = day + 1;
        while first.year() <= year.saturating_add(YEARS) {
            let wanted = self.year.first_from(first.year().try_into().ok()?)?;
            let wanted = i16::try_from(wanted).ok()?;
            let month = self.month.first_from(first.month().try_into().ok()?);
            first = if wanted > first.year() {
                Date::new(wanted, 1, 1).ok()?
            } else if let Some(month) = month {
                let month = i8::try_from(month).ok()?;
                if month == first.month() {
                    if let Some(day) = self.days.first_from(first, from) {
                        let date = Date::new(first.year(), month, day).ok()?;
                        return Some(date.to_datetime(midnight));
                    }
                    first.last_of_month().tomorrow().ok()?
                } else {
                    Date::new(first.year(), month, 1).ok()?
                }
            } else {
                Date::new(first.year().checked_add(1)?, 1, 1).ok()?
            };
            from = 1;
        }
        None
    }

    /// The first time of day from `time` on, or after it.
    fn time_from(&self, time: Time, after: bool) -> Option<Time> {
        let number = |value: i8| u16::try_from(value).unwrap_or(0);
        let (hour, minute, second) = (
            number(time.hour()),
            number(time.minute()),
            number(time.second()),
        );
        let of = |hour: u16, minute: u16, second: u16| {
            Time::new(
                hour.try_into().ok()?,
                minute.try_into().ok()?,
                second.try_into().ok()?,
                0,
            )
            .ok()
        };
        let (first_minute, first_second) = (self.minute.first_from(0)?, self.second.first_from(0)?);
        if self.hour.has(hour) {
            if self.minute.has(minute)
                && let Some(second) = self.second.first_from(second + u16::from(after))
            {
                return of(hour, minute, second);
            }
            if let Some(minute) = self.minute.first_from(minute + 1) {
                return of(hour, minute, first_second);
            }
        }
        of(self.hour.first_from(hour + 1)?, first_minute, first_second)
    }
}

/// The first instant at which the clock shows this time, or is past it.
fn first_instant(time: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    match zone.to_ambiguous_timestamp(time).offset() {
        AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(time).ok(),
        AmbiguousOffset::Fold { before, .. } => before.to_timestamp(time).ok(),
        AmbiguousOffset::Gap { before, after } => {
            // With the offset of after, the time lies before the change.
            let earlier = after.to_timestamp(time).ok()?;
            let change = zone
                .following(earlier)
                .find(|change| change.offset() != before);
            change.map(|change| change.timestamp())
        }
    }
}
