//! The five, six or seven fields of an expression.

use super::day::{DayFields, Stars, Text};
use super::field::{HOUR, Kind, MINUTE, MONTH, SECOND, Set, YEAR};
use super::mistake::Wrong;

/// When, in wall clock time: a set of seconds, minutes, hours, days, months and years.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression {
    pub(super) second: Set,
    pub(super) minute: Set,
    pub(super) hour: Set,
    pub(super) days: DayFields,
    pub(super) month: Set,
    pub(super) year: Set,
}

/// A word of a line with its place in characters, from 0.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word<'a> {
    pub text: &'a str,
    pub at: usize,
    /// The byte after it in the line.
    pub end: usize,
}

/// The words of a line.
pub(super) fn words(line: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, (byte, char)) in line.char_indices().enumerate() {
        match (start, char.is_ascii_whitespace()) {
            (None, false) => start = Some((byte, at)),
            (Some((from, column)), true) => {
                words.push((from, byte, column));
                start = None;
            }
            _ => {}
        }
    }
    if let Some((from, column)) = start {
        words.push((from, line.len(), column));
    }
    words
        .into_iter()
        .map(|(from, end, at)| Word {
            text: line.get(from..end).unwrap_or_default(),
            at,
            end,
        })
        .collect()
}

impl Expression {
    /// Reads an expression alone: five fields (minute, hour, day, month, weekday), six (a year after them) or seven
    /// (a second before them). A mistake comes with its place in characters, from 0.
    pub fn parse(text: &str, stars: Stars) -> Result<Self, (usize, Wrong)> {
        let words = words(text);
        if (5..=7).contains(&words.len()) {
            Self::of(&words, stars)
        } else {
            let words = words.len();
            Err((0, Wrong::TooShort { words }))
        }
    }

    /// Reads five, six or seven words.
    pub(super) fn of(words: &[Word<'_>], stars: Stars) -> Result<Self, (usize, Wrong)> {
        let text = |index: usize| words.get(index).copied();
        let (second, first) = if words.len() == 7 {
            (text(0), 1)
        } else {
            (None, 0)
        };
        let part = |kind: &Kind, word: Option<Word<'_>>, absent: &str| {
            let word = word.unwrap_or(Word {
                text: absent,
                at: 0,
                end: 0,
            });
            Set::parse(kind, word.text).map_err(|(at, wrong)| (word.at + at, wrong))
        };
        let (day, weekday) = (text(first + 2), text(first + 4));
        let days = Text {
            day: day.map_or("", |word| word.text),
            weekday: weekday.map_or("", |word| word.text),
        };
        // In the order of the line, so that the first mistake is the one that is told.
        let second = match second {
            Some(word) => part(&SECOND, Some(word), "")?,
            None => Set::only(0),
        };
        let minute = part(&MINUTE, text(first), "")?;
        let hour = part(&HOUR, text(first + 1), "")?;
        let found = DayFields::parse(days, stars).map_err(|(in_weekday, at, wrong)| {
            let word = if in_weekday { weekday } else { day };
            (in_weekday, word.map_or(0, |word| word.at) + at, wrong)
        });
        let month = part(&MONTH, text(first + 3), "");
        let days = match (found, &month) {
            (Ok(days), _) => days,
            (Err((true, ..)), Err(wrong)) => return Err(wrong.clone()),
            (Err((_, at, wrong)), _) => return Err((at, wrong)),
        };
        Ok(Self {
            second,
            minute,
            hour,
            days,
            month: month?,
            year: part(&YEAR, text(first + 5), "*")?,
        })
    }

    /// Whether it repeats with the clock: minute or hour begin with `*`. At a change of the clock such a job follows
    /// the clock; one at fixed times is run once for each of its times (Vixie's rule, crontab(5)).
    pub fn follows_the_clock(&self) -> bool {
        self.minute.star || self.hour.star
    }

    /// Whether Vixie's reading of `*/2` in a day field would make a difference ([`Stars`]).
    pub fn depends_on_stars(&self) -> bool {
        self.days.depends_on_stars()
    }
}
