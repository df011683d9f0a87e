//! Progress for logs: one line per event.
//!
//! ```text
//!    0.0s base/1    packages python3, libpq5
//!    1.2s base/1    12/120 packages  libc6
//!    3.1s base/1    | Setting up libc6
//!    8.2s base/1    done in 8.2s, 118 MB
//! ```
//! The time is since the beginning of the run.

use std::collections::HashMap;
use std::io;
use std::time::Duration;

use boatyard_plan::event::{Event, Outcome};

use super::amount;
use super::clean::{Keep, clean};
use super::failed;
use super::line::Line;
use super::log::Roster;
use super::origin::Origins;
use super::view::{Streams, View};
use super::works::Works;
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
        }
    }

    /// What an event says about work, if it says something now.
    fn about_work(&mut self, event: &Event, now: Duration) -> Option<Line> {
        match event {
            Event::Started { id, title, .. } => {
                let mut line = line_of(id, now);
                line.plain(clean(title, Keep::Text));
                if self.verbose
                    && let Some(origin) = self.origins.get(id)
                {
                    line.push(DIM, format!("  ({})", origin.why));
                }
                self.told.insert(id.clone(), now);
                Some(line)
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
            Event::Finished {
                id,
                outcome,
                millis,
                size_bytes,
            } => {
                let mut line = line_of(id, now);
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
                Some(line)
            }
            Event::Image {
                service,
                references,
                digest,
                size_bytes,
                cached,
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

impl View for Plain {
    fn event(&mut self, event: &Event, now: Duration, streams: &mut Streams) -> io::Result<()> {
        self.works.apply(event, now);
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

    fn end(&mut self, _now: Duration, streams: &mut Streams) -> io::Result<()> {
        for work in self.works.failed() {
            for line in failed::lines(work, self.origins.get(&work.id)) {
                writeln!(streams.err, "{}", line.render(self.err))?;
            }
        }
        Ok(())
    }
}
