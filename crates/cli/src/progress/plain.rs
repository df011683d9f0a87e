//! Progress for logs: one line per event.
//!
//! ```text
//!    0.0s base/1    packages python3, libpq5
//!    1.2s base/1    12/120 packages  libc6
//!    3.1s base/1    | Setting up libc6
//!    8.2s base/1    done in 8.2s, 118 MB
//!    8.2s runner/1  cached, 21 MB: python requirements.txt
//! ```
//! The time is since the beginning of the run. What ends at once has one line.

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::io::{self, Write};
use std::time::Duration;

use boatyard_plan::event::{Event, Outcome};

use super::amount;
use super::clean::{Keep, clean};
use super::failed;
use super::line::Line;
use super::log::Roster;
use super::origin::Origins;
use super::view::{Streams, View};
use super::works::{Works, is_start};
use crate::colour::{CACHED, DIM, ERROR, GOOD, Paint};
use crate::voice::Voice;

/// How often progress of one piece of work is told.
const EVERY: Duration = Duration::from_secs(5);

/// One line per event.
pub struct Plain {
    out: Paint,
    err: Paint,
    roster: Roster,
    origins: Origins,
    works: Works,
    /// When progress of a piece of work was last told, by its id.
    told: HashMap<String, Duration>,
    /// Whether the reason of each step is told.
    verbose: bool,
    /// Ids of what began a moment ago and was not told: most steps of most builds are cached, and one line says so.
    held: VecDeque<String>,
}

impl Plain {
    /// Nothing told so far.
    pub fn new(voice: &Voice, roster: Roster, origins: Origins) -> Self {
        Self {
            out: voice.out,
            err: voice.err,
            roster,
            origins,
            works: Works::default(),
            told: HashMap::new(),
            verbose: voice.verbose,
            held: VecDeque::new(),
        }
    }

    /// Tells what was held: all of it, or up to the work that has something to say.
    fn release(
        &mut self,
        up_to: Option<&str>,
        now: Duration,
        err: &mut dyn Write,
    ) -> io::Result<()> {
        let is_wanted = |held: &String| up_to.is_none_or(|id| held == id);
        let count = self.held.iter().rposition(is_wanted);
        for id in self
            .held
            .drain(..count.map_or(0, |index| index + 1))
            .collect::<Vec<_>>()
        {
            let mut line = line_of(&id, now);
            line.append(self.title(&id));
            writeln!(err, "{}", line.render(self.err))?;
        }
        Ok(())
    }

    /// What a piece of work is, and with --verbose why.
    fn title(&self, id: &str) -> Line {
        let mut line = Line::default();
        line.plain(self.works.title(id));
        if self.verbose
            && let Some(origin) = self.origins.get(id)
        {
            line.push(DIM, format!("  ({})", origin.why));
        }
        line
    }

    /// What an event says about work, if it says something now.
    fn about_work(&mut self, event: &Event, now: Duration) -> Option<Line> {
        match event {
            Event::Started { id, .. } => {
                self.held.push_back(id.clone());
                self.told.insert(id.clone(), now);
                None
            }
            Event::Progress {
                id,
                done,
                total,
                unit,
                note,
            } => {
                let last = self.told.get(id).copied().unwrap_or_default();
                if now.saturating_sub(last) < EVERY {
                    return None;
                }
                self.told.insert(id.clone(), now);
                let mut line = line_of(id, now);
                line.plain(amount::count(*done, *total, *unit));
                if !note.is_empty() {
                    line.plain(format!("  {}", clean(note, Keep::Text)));
                }
                Some(line)
            }
            Event::Output { id, line: output } => {
                let mut line = line_of(id, now);
                line.push(DIM, "| ");
                line.plain(clean(output, Keep::Text));
                Some(line)
            }
            // That a process is ready, or has ended, is told for itself.
            Event::Finished { id, .. } if is_start(id) => {
                self.held.retain(|held| held != id);
                None
            }
            Event::Finished {
                id,
                outcome,
                millis,
                size_bytes,
            } => {
                let mut line = line_of(id, now);
                let was_held = self.held.iter().any(|held| held == id);
                self.held.retain(|held| held != id);
                let took = amount::time(Duration::from_millis(*millis));
                match outcome {
                    Outcome::Done => line.push(GOOD, format!("done in {took}")),
                    Outcome::Cached => line.push(CACHED, "cached"),
                    Outcome::Skipped => line.push(DIM, "skipped"),
                    Outcome::Failed => line.push(ERROR, format!("FAILED after {took}")),
                }
                if let Some(size) = size_bytes {
                    line.plain(format!(", {}", amount::bytes(*size)));
                }
                if was_held {
                    line.plain(": ");
                    line.append(self.title(id));
                }
                Some(line)
            }
            Event::Image {
                service,
                references,
                digest,
                size_bytes,
                cached,
                ..
            } => {
                let mut line = line_of(service, now);
                line.plain(format!(
                    "image {} {} {}",
                    references.join(" "),
                    digest.short(),
                    amount::bytes(*size_bytes),
                ));
                if *cached {
                    line.push(CACHED, " cached");
                }
                Some(line)
            }
            _ => None,
        }
    }
}

/// The time and the id that every line begins with.
fn line_of(id: &str, now: Duration) -> Line {
    let millis = now.as_millis();
    let mut line = Line::default();
    line.push(
        DIM,
        format!("{:>6}.{}s ", millis / 1000, millis % 1000 / 100),
    );
    line.plain(format!("{id:<18} "));
    line
}

/// The work that has something to say now, beside that it began or that nothing was to be done.
fn speaker(event: &Event) -> Option<Cow<'_, str>> {
    match event {
        Event::Progress { id, .. } | Event::Output { id, .. } => Some(id.into()),
        Event::Finished { id, outcome, .. } if *outcome == Outcome::Failed && !is_start(id) => {
            Some(id.into())
        }
        Event::Log { process, .. }
        | Event::Ready { process, .. }
        | Event::Exited { process, .. } => Some(format!("up/{process}").into()),
        _ => None,
    }
}

impl View for Plain {
    fn event(&mut self, event: &Event, now: Duration, streams: &mut Streams) -> io::Result<()> {
        self.works.apply(event, now);
        if let Some(id) = speaker(event) {
            self.release(Some(&id), now, &mut streams.err)?;
        }
        let lines = self.about_work(event, now).into_iter();
        for line in lines.chain(failed::notice(event)) {
            writeln!(streams.err, "{}", line.render(self.err))?;
        }
        if let Some(said) = self.roster.event(event, self.out) {
            writeln!(streams.out, "{said}")?;
            streams.out.flush()?;
        }
        Ok(())
    }

    fn draw(&mut self, now: Duration, streams: &mut Streams) -> io::Result<()> {
        self.release(None, now, &mut streams.err)
    }

    fn is_moving(&self) -> bool {
        !self.held.is_empty()
    }

    fn end(&mut self, now: Duration, streams: &mut Streams) -> io::Result<()> {
        self.release(None, now, &mut streams.err)?;
        for work in self.works.failed() {
            for line in failed::lines(work, self.origins.get(&work.id)) {
                writeln!(streams.err, "{}", line.render(self.err))?;
            }
        }
        Ok(())
    }
}
