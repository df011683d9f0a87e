//! One field of an expression: lists, ranges, steps and names, as a set of numbers.

use std::collections::BTreeSet;

use super::mistake::Wrong;

/// What a field is: its name in messages, its bounds, the names of its values.
pub struct Kind {
    pub name: &'static str,
    pub least: u16,
    pub most: u16,
    /// Names of the values from `first_named` on, in full; three letters of them do too.
    pub names: &'static [&'static str],
    pub first_named: u16,
}

const fn plain(name: &'static str, least: u16, most: u16) -> Kind {
    Kind {
        name,
        least,
        most,
        names: &[],
        first_named: 0,
    }
}

pub const SECOND: Kind = plain("second", 0, 59);
pub const MINUTE: Kind = plain("minute", 0, 59);
pub const HOUR: Kind = plain("hour", 0, 23);
pub const DAY: Kind = plain("day", 1, 31);
pub const YEAR: Kind = plain("year", 1970, 2099);
pub const MONTH: Kind = Kind {
    name: "month",
    least: 1,
    most: 12,
    names: &[
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ],
    first_named: 1,
};
/// 7 is Sunday too.
pub const WEEKDAY: Kind = Kind {
    name: "weekday",
    least: 0,
    most: 7,
    names: &[
        "sunday",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
    ],
    first_named: 0,
};

/// Values of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set {
    values: BTreeSet<u16>,
    /// It is written `*` or `?`, alone.
    pub any: bool,
    /// It begins with `*` or `?`, as in `*/2`: what Vixie's cron calls a star.
    pub star: bool,
}

/// An item of a list with its place in the field, in characters.
pub struct Item<'a> {
    pub text: &'a str,
    pub at: usize,
}

/// The items of a field.
pub fn items(text: &str) -> impl Iterator<Item = Item<'_>> {
    let mut at = 0;
    text.split(',').map(move |text| {
        let item = Item { text, at };
        at += text.chars().count() + 1;
        item
    })
}

impl Set {
    /// Nothing yet, with the stars of `text`.
    pub fn empty(text: &str) -> Self {
        Self {
            values: BTreeSet::new(),
            any: text == "*" || text == "?",
            star: text.starts_with(['*', '?']),
        }
    }

    /// One value.
    pub fn only(value: u16) -> Self {
        let mut set = Self::empty("");
        set.values.insert(value);
        set
    }

    /// A whole field. A mistake comes with its place in the field, in characters.
    pub fn parse(kind: &Kind, text: &str) -> Result<Self, (usize, Wrong)> {
        let mut set = Self::empty(text);
        for item in items(text) {
            set.item(kind, item.text)
                .map_err(|(at, wrong)| (item.at + at, wrong))?;
        }
        Ok(set)
    }

    /// Adds an item: `*`, `5`, `mon`, `1-5`, each with `/STEP` or not.
    pub fn item(&mut self, kind: &Kind, text: &str) -> Result<(), (usize, Wrong)> {
        let (range, step) = match text.split_once('/') {
            Some((range, step)) => {
                let at = range.chars().count() + 1;
                (
                    range,
                    Some(step_of(kind, step).map_err(|wrong| (at, wrong))?),
                )
            }
            None => (text, None),
        };
        let (from, to) = bounds(kind, range, step.is_some())?;
        if from > to {
            let found = range.to_owned();
            let field = kind.name;
            return Err((0, Wrong::Backwards { field, found }));
        }
        self.values
            .extend((from..=to).step_by(usize::from(step.unwrap_or(1))));
        Ok(())
    }

    /// Whether it has the value.
    pub fn has(&self, value: u16) -> bool {
        self.values.contains(&value)
    }

    /// All of them, from the least on.
    pub fn values(&self) -> impl Iterator<Item = u16> {
        self.values.iter().copied()
    }

    /// The least value from `value` on.
    pub fn first_from(&self, value: u16) -> Option<u16> {
        self.values.range(value..).next().copied()
    }
}

fn bounds(kind: &Kind, range: &str, stepped: bool) -> Result<(u16, u16), (usize, Wrong)> {
    if range == "*" || range == "?" {
        return Ok((kind.least, kind.most));
    }
    if let Some((from, to)) = range.split_once('-') {
        let first = value(kind, from).map_err(|wrong| (0, wrong))?;
        let at = from.chars().count() + 1;
        let mut last = value(kind, to).map_err(|wrong| (at, wrong))?;
        // A range that ends with a name of Sunday, as fri-sun, ends with 7.
        if kind.name == WEEKDAY.name && last == 0 && first > 0 && !to.starts_with('0') {
            last = 7;
        }
        return Ok((first, last));
    }
    let only = value(kind, range).map_err(|wrong| (0, wrong))?;
    // `5/15` is `5-59/15`, as for supercronic.
    Ok((only, if stepped { kind.most } else { only }))
}

fn step_of(kind: &Kind, text: &str) -> Result<u16, Wrong> {
    number(text)
        .filter(|&step| step >= 1 && step <= kind.most)
        .ok_or_else(|| Wrong::Step {
            field: kind.name,
            found: text.to_owned(),
            most: kind.most,
        })
}

/// One value, as a number or a name.
pub fn value(kind: &Kind, text: &str) -> Result<u16, Wrong> {
    let found = || text.to_owned();
    let field = kind.name;
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let (least, most) = (kind.least, kind.most);
        return number(text)
            .filter(|number| (least..=most).contains(number))
            .ok_or_else(|| Wrong::OutOfRange {
                field,
                found: found(),
                least,
                most,
            });
    }
    let lower = text.to_ascii_lowercase();
    kind.names
        .iter()
        .position(|name| lower == *name || (lower.len() == 3 && name.starts_with(&lower)))
        .and_then(|index| u16::try_from(index).ok())
        .map(|index| kind.first_named + index)
        .ok_or_else(|| Wrong::NotAValue {
            field,
            found: found(),
        })
}

/// Digits only: `+5` is no number here.
fn number(text: &str) -> Option<u16> {
    (!text.is_empty() && text.len() <= 5 && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}
