//! `boatyard logs`

use std::fmt::Write as _;
use std::thread;
use std::time::Duration;

use boatyard_engine::session::{Line, Place, Reader, SessionError};
use boatyard_plan::event::Stream;
use serde::Serialize;

use crate::progress::Roster;
use crate::project::{self, Named};
use crate::stopped::Stopped;
use crate::voice::Voice;
use crate::{answer, home, leash};

/// How often a log that is followed is looked at.
const INTERVAL: Duration = Duration::from_millis(100);

/// Which lines are shown.
pub struct Wanted<'a> {
    /// Of which processes; all if empty.
    pub processes: &'a [String],
    /// How many of those that are there.
    pub last: Option<usize>,
    /// Whether also those that come, until the session is over.
    pub follow: bool,
}

/// What programs learn of each line.
#[derive(Serialize)]
struct Answer<'a> {
    /// Milliseconds since 1970.
    millis: u64,
    process: &'a str,
    stream: Stream,
    line: &'a str,
}

/// Shows what processes printed, in the last run if none runs.
pub fn run(named: Named<'_>, wanted: &Wanted<'_>, voice: &Voice) -> Result<(), Stopped> {
    let found = project::find(named)?;
    let place = found.place(&home::locate()?);
    let processes = processes(&place, wanted.processes)?;
    let mut roster = Roster::new(processes.iter().cloned());
    let mut reader = Reader::new(&place, &processes);
    let mut last = wanted.last;
    leash::watch();
    loop {
        // Asked before the lines are read: what came before the end is shown.
        let is_running = place.is_running();
        let mut lines = reader.more();
        if let Some(count) = last.take() {
            lines.drain(..lines.len().saturating_sub(count));
        }
        answer::text(&text(&lines, &mut roster, voice))?;
        if !wanted.follow || !is_running {
            return Ok(());
        }
        thread::sleep(INTERVAL);
    }
}

/// The processes whose logs are wanted: all that have one, if none is named.
fn processes(place: &Place, wanted: &[String]) -> Result<Vec<String>, SessionError> {
    let known = Reader::processes(place);
    match wanted.iter().find(|name| !known.contains(name)) {
        Some(name) => Err(SessionError::NoLog {
            name: name.clone(),
            known,
        }),
        None if wanted.is_empty() => Ok(known),
        None => Ok(wanted.to_vec()),
    }
}

fn text(lines: &[Line], roster: &mut Roster, voice: &Voice) -> String {
    let mut text = String::new();
    for line in lines {
        if voice.json {
            let answer = Answer {
                millis: line.millis,
                process: &line.process,
                stream: line.stream,
                line: &line.text,
            };
            let answer = serde_json::to_string(&answer).expect("strings and numbers only");
            let _ = writeln!(text, "{answer}");
        } else {
            let line = roster.line(&line.process, &line.text, voice.out);
            let _ = writeln!(text, "{line}");
        }
    }
    text
}
