//! Lines of the project's processes, each with the name of its process in front.
//!
//! ```text
//! web    | [7] [INFO] Listening at: http://0.0.0.0:8080
//! worker | [2026-11-21 05:00:31] celery@host ready.
//! ```

use std::collections::HashMap;
use std::fmt::Write as _;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use boatyard_plan::event::Event;
use boatyard_plan::run::{Kind, RunPlan};

use super::amount;
use super::clean::{Keep, clean};
use crate::colour::{self, Paint};

/// Colours of names; told apart on dark and light grounds, and none that means an error.
const COLOURS: [AnsiColor; 6] = [
    AnsiColor::Cyan,
    AnsiColor::Yellow,
    AnsiColor::Green,
    AnsiColor::Magenta,
    AnsiColor::Blue,
    AnsiColor::BrightCyan,
];

/// The processes that may speak: gives each its colour and all of them one width.
#[derive(Clone, Debug, Default)]
pub struct Roster {
    names: Vec<String>,
    /// What they are, where that is known.
    kinds: HashMap<String, Kind>,
    /// Where people reach processes: names and addresses, in the order in which they got ready.
    urls: Vec<(String, String)>,
}

impl Roster {
    /// The processes in the order of the project: as long as that stays, so do the colours.
    pub fn new(names: impl IntoIterator<Item = String>) -> Self {
        Self {
            names: names.into_iter().collect(),
            ..Self::default()
        }
    }

    /// The processes of a run, in its order.
    pub fn of(plan: &RunPlan) -> Self {
        let names = plan.processes.iter().map(|process| process.name.clone());
        let kinds = plan.processes.iter();
        Self {
            kinds: kinds
                .map(|process| (process.name.clone(), process.kind))
                .collect(),
            ..Self::new(names)
        }
    }

    fn is(&self, process: &str, kind: Kind) -> bool {
        self.kinds.get(process) == Some(&kind)
    }

    /// A line of a process.
    pub fn line(&mut self, process: &str, line: &str, paint: Paint) -> String {
        let prefix = self.prefix(process, paint);
        // What the database says matters less than what the application says.
        if self.is(process, Kind::Backing) {
            let line = clean(line, Keep::Text);
            return format!("{prefix}{}", paint.paint(colour::DIM, line));
        }
        let keep = if paint.on { Keep::Colours } else { Keep::Text };
        format!("{prefix}{}", clean(line, keep))
    }

    /// What `event` says about a process, if it does: a line of its log, that it is ready, that it ended.
    pub fn event(&mut self, event: &Event, paint: Paint) -> Option<String> {
        match event {
            Event::Log { process, line, .. } => Some(self.line(process, line, paint)),
            Event::Ready {
                process,
                url,
                millis,
            } => {
                if let Some(url) = url {
                    self.urls.push((process.clone(), url.clone()));
                }
                let took = amount::time(Duration::from_millis(*millis));
                let word = if self.is(process, Kind::Job) {
                    "done"
                } else {
                    "ready"
                };
                let ready = paint.paint(colour::GOOD, format!("{word} after {took}"));
                let at = url.as_ref().map(|url| paint.paint(colour::LINK, url));
                let at = at.map(|url| format!(": {url}")).unwrap_or_default();
                Some(format!("{}{ready}{at}", self.prefix(process, paint)))
            }
            // That a job is done has been said, or will be.
            Event::Exited {
                process, code: 0, ..
            } if self.is(process, Kind::Job) => None,
            Event::Exited {
                process,
                code,
                asked,
            } => {
                let ended = if *asked { stopped(*code) } else { exit(*code) };
                let is_good = *code == 0 || ended == STOPPED;
                let style = if is_good { colour::DIM } else { colour::ERROR };
                let said = paint.paint(style, ended);
                Some(format!("{}{said}", self.prefix(process, paint)))
            }
            Event::Up { processes } => Some(self.up(*processes, paint)),
            _ => None,
        }
    }

    /// That everything is ready, and where people reach it.
    fn up(&self, processes: usize, paint: Paint) -> String {
        let ready = match processes {
            1 => "up: 1 process is ready".to_owned(),
            count => format!("up: {count} processes are ready"),
        };
        let mut text = paint.paint(colour::GOOD, ready).to_string();
        let width = self
            .urls
            .iter()
            .map(|(name, _)| name.len())
            .max()
            .unwrap_or(0);
        for (name, url) in &self.urls {
            let name = paint.paint(colour::STRONG, format!("{name:<width$}"));
            let _ = write!(text, "\n  {name}  {}", paint.paint(colour::LINK, url));
        }
        text
    }

    fn prefix(&mut self, process: &str, paint: Paint) -> String {
        let known = self.names.iter().position(|name| name == process);
        let index = known.unwrap_or(self.names.len());
        if known.is_none() {
            self.names.push(process.to_owned());
        }
        let width = self.names.iter().map(String::len).max().unwrap_or(0);
        let style = Style::new().fg_color(Some(COLOURS[index % COLOURS.len()].into()));
        paint
            .paint(style, format!("{process:width$} | "))
            .to_string()
    }
}

/// What is said of a process that ended because it was asked to.
const STOPPED: &str = "stopped";

/// An exit code in words, of a process that was asked to stop. Programs that do not handle a signal end by it: with the
/// code of INT, QUIT or TERM.
fn stopped(code: i32) -> String {
    match code {
        0 | 130 | 131 | 143 => STOPPED.to_owned(),
        137 => "killed: it did not stop within its grace".to_owned(),
        code => exit(code),
    }
}

/// An exit code in words: codes above 128 are signals (128 + n, as shells count).
fn exit(code: i32) -> String {
    match code {
        0 => "ended".to_owned(),
        137 => "killed by signal 9 (KILL)".to_owned(),
        143 => "ended by signal 15 (TERM)".to_owned(),
        code if (129..=192).contains(&code) => format!("ended by signal {}", code - 128),
        code => format!("ended with exit code {code}"),
    }
}

#[cfg(test)]
mod tests {
    use boatyard_plan::event::Stream;

    use super::*;

    fn log(process: &str, line: &str) -> Event {
        Event::Log {
            process: process.to_owned(),
            stream: Stream::Out,
            line: line.to_owned(),
        }
    }

    #[test]
    fn names_are_aligned_and_keep_their_colour() {
        let mut roster = Roster::new(["web".to_owned(), "worker".to_owned()]);
        let plain = Paint { on: false };
        let said = |roster: &mut Roster, event: &Event, paint| roster.event(event, paint).unwrap();
        assert_eq!(
            said(&mut roster, &log("web", "\u{1b}[1mhi"), plain),
            "web    | hi"
        );
        let coloured = Paint { on: true };
        assert_eq!(
            said(&mut roster, &log("worker", "hi"), coloured),
            "\u{1b}[33mworker | \u{1b}[0mhi"
        );
        let ready = Event::Ready {
            process: "web".to_owned(),
            url: Some("http://127.0.0.1:8080".to_owned()),
            millis: 1234,
        };
        assert_eq!(
            said(&mut roster, &ready, plain),
            "web    | ready after 1.2s: http://127.0.0.1:8080"
        );
        let exited = |code, asked| Event::Exited {
            process: "worker".to_owned(),
            code,
            asked,
        };
        for (code, asked, words) in [
            (137, false, "killed by signal 9 (KILL)"),
            (137, true, "killed: it did not stop within its grace"),
            (143, false, "ended by signal 15 (TERM)"),
            (143, true, "stopped"),
            (3, true, "ended with exit code 3"),
        ] {
            assert_eq!(
                said(&mut roster, &exited(code, asked), plain),
                format!("worker | {words}")
            );
        }
        assert_eq!(
            said(&mut roster, &Event::Up { processes: 2 }, plain),
            "up: 2 processes are ready\n  web  http://127.0.0.1:8080"
        );
    }
}
