//! Shows how far a transfer is.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use boatyard_plan::event::{Event, Outcome, Unit};
use boatyard_store::registry::{Progress, RegistryError};

use crate::progress::{Origins, Reporter, Roster};
use crate::stopped::Stopped;
use crate::voice::Voice;

/// Between two events of a transfer.
const STEP: Duration = Duration::from_millis(100);

/// Runs `work` and shows what it tells: a bar on a terminal, lines in a pipe. With `--json` nothing: the answer is all
/// that comes then.
pub fn shown<T>(
    voice: &Voice,
    title: &str,
    work: impl FnOnce(&(dyn Fn(Progress) + Sync)) -> Result<T, RegistryError>,
) -> Result<T, Stopped> {
    if voice.json {
        return Ok(work(&|_| {})?);
    }
    let reporter = Reporter::start(voice, Roster::default(), Origins::new());
    let sink = reporter.sink();
    let began = Instant::now();
    sink(Event::Started {
        id: title.to_owned(),
        parent: None,
        title: title.to_owned(),
    });
    let last = Mutex::new((None::<Instant>, 0));
    let result = work(&|told| {
        let Ok(mut last) = last.lock() else {
            return;
        };
        let due = last.0.is_none_or(|then| then.elapsed() >= STEP) || told.done == told.total;
        // Several threads tell: one may come late.
        if due && told.done > last.1 {
            *last = (Some(Instant::now()), told.done);
            sink(Event::Progress {
                id: title.to_owned(),
                done: told.done,
                total: Some(told.total),
                unit: Unit::Bytes,
                note: String::new(),
            });
        }
    });
    let moved = last.into_inner().map_or(0, |(_, done)| done);
    sink(Event::Finished {
        id: title.to_owned(),
        outcome: if result.is_ok() {
            Outcome::Done
        } else {
            Outcome::Failed
        },
        millis: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        size_bytes: Some(moved),
    });
    drop(sink);
    reporter.finish();
    Ok(result?)
}
