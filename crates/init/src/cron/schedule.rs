//! When a job is due: an expression, one of the words that stand for one, or an interval.

use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::day::Stars;
use super::duration;
use super::expression::{Expression, Word};
use super::mistake::Wrong;

/// When a job is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// At times of the calendar.
    Calendar(Box<Expression>),
    /// Again and again, so long after each other. Not zero.
    Every(Duration),
    /// Once, when init starts.
    Reboot,
}

/// The words that stand for expressions.
const SHORTHANDS: [(&str, &str); 7] = [
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
    ("@monthly", "0 0 1 * *"),
    ("@weekly", "0 0 * * 0"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@hourly", "0 * * * *"),
];

impl Schedule {
    /// Reads a schedule alone. A mistake comes with its place in characters, from 0.
    pub fn parse(text: &str, stars: Stars) -> Result<Self, (usize, Wrong)> {
        let words = super::expression::words(text);
        match words.first() {
            Some(first) if first.text.starts_with('@') => {
                let (schedule, used) = Self::named(&words, stars)?;
                match words.get(used) {
                    Some(more) => Err((more.at, shorthand(more.text))),
                    None => Ok(schedule),
                }
            }
            _ => Expression::parse(text, stars).map(|found| Self::Calendar(Box::new(found))),
        }
    }

    /// Reads the schedule at the start of a line, and tells how many words it takes. Seven fields are tried first, then
    /// six, then five, as supercronic does; a mistake is that of five.
    pub(super) fn of_line(
        words: &[Word<'_>],
        stars: Stars,
    ) -> Result<(Self, usize), (usize, Wrong)> {
        if words
            .first()
            .is_some_and(|first| first.text.starts_with('@'))
        {
            return Self::named(words, stars);
        }
        if words.len() < 5 {
            let at = words.first().map_or(0, |word| word.at);
            return Err((at, Wrong::TooShort { words: words.len() }));
        }
        let mut found = None;
        for count in [7, 6, 5] {
            // One more is the command.
            if let Some(fields) = words.get(..count)
                && (words.len() > count || count == 5)
            {
                let expression = Expression::of(fields, stars);
                let done = expression.is_ok();
                found = Some(expression.map(|it| (Self::Calendar(Box::new(it)), count)));
                if done {
                    break;
                }
            }
        }
        found.unwrap_or(Err((0, Wrong::TooShort { words: words.len() })))
    }

    fn named(words: &[Word<'_>], stars: Stars) -> Result<(Self, usize), (usize, Wrong)> {
        let Some(first) = words.first() else {
            return Err((0, Wrong::TooShort { words: 0 }));
        };
        match first.text.to_ascii_lowercase().as_str() {
            "@reboot" => Ok((Self::Reboot, 1)),
            "@every" => {
                let end = first.at + first.text.chars().count();
                let (at, text) = words.get(1).map_or((end, ""), |word| (word.at, word.text));
                let every = duration::parse(text).filter(|every| *every >= Duration::from_secs(1));
                let found = || Wrong::Duration {
                    found: text.to_owned(),
                };
                Ok((Self::Every(every.ok_or_else(|| (at, found()))?), 2))
            }
            name => {
                let known = SHORTHANDS.iter().find(|(known, _)| *known == name);
                let (_, fields) = known.ok_or_else(|| (first.at, shorthand(first.text)))?;
                Ok((
                    Self::Calendar(Box::new(Expression::parse(fields, stars)?)),
                    1,
                ))
            }
        }
    }

    /// When it is due for the first time after `after`; none if never. What is due every so often counts from `after`.
    pub fn next(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        match self {
            Self::Calendar(expression) => expression.next(after, zone),
            Self::Every(every) => after
                .checked_add(SignedDuration::try_from(*every).ok()?)
                .ok(),
            Self::Reboot => None,
        }
    }
}

fn shorthand(found: &str) -> Wrong {
    Wrong::Shorthand {
        found: found.to_owned(),
    }
}
