//! A crontab: lines with jobs, variables and comments.

use std::collections::BTreeMap;
use std::fmt;

use jiff::tz::TimeZone;

use super::day::Stars;
use super::expression::words;
use super::mistake::{Mistake, Wrong};
use super::rules::Rules;
use super::schedule::Schedule;

/// A crontab, understood.
#[derive(Clone, Debug)]
pub struct Table {
    /// Variables for all jobs, wherever they stand, as for supercronic.
    pub environment: BTreeMap<String, String>,
    /// The jobs, in order.
    pub jobs: Vec<Entry>,
    /// What is legal and may surprise.
    pub remarks: Vec<Remark>,
}

/// A job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name; lines of a crontab have none.
    pub name: Option<String>,
    /// Its line, from 1.
    pub line: usize,
    /// When, as written.
    pub text: String,
    /// When.
    pub schedule: Schedule,
    /// The line for the shell.
    pub command: String,
    /// In which zone; none: that of the machine.
    pub zone: Option<TimeZone>,
    /// How.
    pub rules: Rules,
}

/// Something legal that may surprise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// Line, from 1.
    pub line: usize,
    /// What.
    pub what: Surprise,
}

/// What may surprise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Surprise {
    /// A variable after a job holds for it too.
    LateVariable(String),
    /// `USER` changes nobody.
    User(String),
    /// `TZ` is for the jobs; their times go by `CRON_TZ`.
    Zone,
    /// `%` is no newline here, as it is for cron.
    Percent,
    /// `*/N` in a day field together with the other day field.
    Stars,
    /// There is no such time.
    Never,
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.line)?;
        match &self.what {
            Surprise::LateVariable(name) => {
                write!(f, "{name} also holds for the jobs above it")
            }
            Surprise::User(user) => write!(f, "processes will not be spawned as USER={user}"),
            Surprise::Zone => f.write_str("TZ is for the jobs; their times go by CRON_TZ"),
            Surprise::Percent => {
                f.write_str("% is not a newline here, as it is for cron: the shell sees it")
            }
            Surprise::Stars => f.write_str(
                "a day that fits the day field or the weekday field is a day here; cron wants both where one begins with *",
            ),
            Surprise::Never => f.write_str("this job is never due"),
        }
    }
}

/// How to read a crontab.
pub struct Reading<'a> {
    /// The time zone of this name, if there is one.
    pub zone: &'a dyn Fn(&str) -> Option<TimeZone>,
    /// How day and weekday go together.
    pub stars: Stars,
    /// The rules of jobs that have none of their own.
    pub rules: Rules,
}

/// Reads a crontab; all mistakes at once.
pub fn parse(bytes: &[u8], reading: &Reading<'_>) -> Result<Table, Vec<Mistake>> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line = before.split(|&byte| byte == b'\n').count();
        let start = before
            .iter()
            .rposition(|&byte| byte == b'\n')
            .map_or(0, |at| at + 1);
        let column = String::from_utf8_lossy(before.get(start..).unwrap_or_default())
            .chars()
            .count()
            + 1;
        let wrong = Wrong::NotText;
        vec![Mistake {
            line,
            column,
            wrong,
        }]
    })?;
    let mut reader = Reader {
        reading,
        table: Table {
            environment: BTreeMap::new(),
            jobs: Vec::new(),
            remarks: Vec::new(),
        },
        mistakes: Vec::new(),
        zone: None,
        zones: 0,
        settings: None,
    };
    for (index, line) in text.lines().enumerate() {
        reader.line(index + 1, line);
    }
    reader.finish()
}

struct Reader<'a> {
    reading: &'a Reading<'a>,
    table: Table,
    mistakes: Vec<Mistake>,
    zone: Option<TimeZone>,
    zones: usize,
    /// Rules for the next job, and the line that gave them.
    settings: Option<(usize, Rules)>,
}

impl Reader<'_> {
    fn line(&mut self, line: usize, text: &str) {
        let trimmed = text.trim_start();
        let indent = text.chars().count() - trimmed.chars().count();
        let mistake = |(at, wrong): (usize, Wrong)| Mistake {
            line,
            column: indent + at + 1,
            wrong,
        };
        let result = if trimmed.is_empty() {
            Ok(())
        } else if let Some(comment) = trimmed.strip_prefix('#') {
            self.comment(line, comment)
        } else if let Some((name, value, at)) = variable(trimmed) {
            self.variable(line, name, value, at)
        } else {
            self.job(line, trimmed)
        };
        if let Err(wrong) = result {
            self.mistakes.push(mistake(wrong));
        }
    }

    /// `# boatyard: NAME=VALUE...` sets how the next job is run; to other crons it is a comment.
    fn comment(&mut self, line: usize, text: &str) -> Result<(), (usize, Wrong)> {
        let words = words(text);
        if words.first().is_none_or(|word| word.text != "boatyard:") {
            return Ok(());
        }
        let mut rules = self
            .settings
            .take()
            .map_or_else(|| self.reading.rules.clone(), |(_, rules)| rules);
        for word in words.iter().skip(1) {
            rules.set(word.text).map_err(|wrong| (word.at + 1, wrong))?;
        }
        self.settings = Some((line, rules));
        Ok(())
    }

    fn variable(
        &mut self,
        line: usize,
        name: &str,
        value: &str,
        at: usize,
    ) -> Result<(), (usize, Wrong)> {
        if value.contains('\0') {
            return Err((at, Wrong::Nul));
        }
        match name {
            "CRON_TZ" => {
                let found = || Wrong::Zone {
                    found: value.to_owned(),
                };
                self.zone = Some((self.reading.zone)(value).ok_or_else(|| (at, found()))?);
                self.zones += 1;
            }
            "USER" => self.remark(line, Surprise::User(value.to_owned())),
            "TZ" => self.remark(line, Surprise::Zone),
            _ if !self.table.jobs.is_empty() => {
                self.remark(line, Surprise::LateVariable(name.to_owned()));
            }
            _ => {}
        }
        self.table
            .environment
            .insert(name.to_owned(), value.to_owned());
        Ok(())
    }

    fn job(&mut self, line: usize, text: &str) -> Result<(), (usize, Wrong)> {
        let rules = self
            .settings
            .take()
            .map_or_else(|| self.reading.rules.clone(), |(_, rules)| rules);
        let words = words(text);
        let (schedule, used) = Schedule::of_line(&words, self.reading.stars)?;
        let end = used
            .checked_sub(1)
            .and_then(|last| words.get(last))
            .map_or(text.len(), |word| word.end);
        let (written, command) = text.split_at_checked(end).unwrap_or((text, ""));
        let command = command.trim();
        if command.is_empty() {
            return Err((written.chars().count(), Wrong::NoCommand));
        }
        if let Some(at) = text.chars().position(|char| char == '\0') {
            return Err((at, Wrong::Nul));
        }
        if command.replace("\\%", "").contains('%') {
            self.remark(line, Surprise::Percent);
        }
        if let Schedule::Calendar(expression) = &schedule {
            if self.reading.stars == Stars::Alone && expression.depends_on_stars() {
                self.remark(line, Surprise::Stars);
            }
            if expression
                .next(jiff::Timestamp::UNIX_EPOCH, &TimeZone::UTC)
                .is_none()
            {
                self.remark(line, Surprise::Never);
            }
        }
        self.table.jobs.push(Entry {
            name: None,
            line,
            text: written.to_owned(),
            schedule,
            command: command.to_owned(),
            zone: self.zone.clone(),
            rules,
        });
        Ok(())
    }

    fn remark(&mut self, line: usize, what: Surprise) {
        self.table.remarks.push(Remark { line, what });
    }

    fn finish(mut self) -> Result<Table, Vec<Mistake>> {
        if let Some((line, _)) = self.settings {
            let wrong = Wrong::Dangling;
            self.mistakes.push(Mistake {
                line,
                column: 1,
                wrong,
            });
        }
        if !self.mistakes.is_empty() {
            return Err(self.mistakes);
        }
        // Only one: then it holds for the whole file, as for supercronic; several hold from where they stand, as for
        // cronie.
        if self.zones == 1 {
            for job in &mut self.table.jobs {
                job.zone.clone_from(&self.zone);
            }
        }
        Ok(self.table)
    }
}

/// `NAME = VALUE`, one pair of quotes taken off the value, and where the value stands in characters. A name is a word
/// without `=`; so a job is none, whose first word is followed by another.
fn variable(text: &str) -> Option<(&str, &str, usize)> {
    let (before, value) = text.split_once('=')?;
    let name = before.trim_end();
    if name.is_empty() || name.contains(char::is_whitespace) {
        return None;
    }
    let start = value.trim_start();
    let at = text.chars().count() - start.chars().count();
    let value = start.trim_end();
    let bare = ['"', '\'']
        .into_iter()
        .find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote));
    Some((name, bare.unwrap_or(value), at))
}
