//! `boatyard replay`: shows the events of another run, as they come in on standard input.
//!
//! ```text
//! ssh builder boatyard -C app build --json | boatyard replay
//! ```
//! Not shown in the help: it is for recordings, and for tests of the views.

use std::io::{self, BufRead as _};

use boatyard_plan::event::Event;
use boatyard_plan::failure::{Failure, Fault};

use crate::progress::{Origins, Reporter, Roster};
use crate::stopped::Stopped;
use crate::voice::Voice;

/// What comes in are not events.
#[derive(Debug, thiserror::Error)]
enum ReplayError {
    #[error("cannot read events from standard input")]
    Read { source: io::Error },
    #[error("line {number} of standard input is not an event of \"boatyard ... --json\"")]
    NotAnEvent {
        number: usize,
        source: serde_json::Error,
    },
}

impl Failure for ReplayError {
    fn fault(&self) -> Fault {
        match self {
            Self::Read { .. } => Fault::Refused,
            Self::NotAnEvent { .. } => Fault::User,
        }
    }
}

/// Shows events until the end of standard input.
pub fn run(voice: &Voice) -> Result<(), Stopped> {
    let reporter = Reporter::start(voice, Roster::default(), Origins::new());
    let sink = reporter.sink();
    for (index, line) in io::stdin().lock().lines().enumerate() {
        let line = line.map_err(|source| ReplayError::Read { source })?;
        if line.starts_with("{\"error\":") {
            continue;
        }
        let event: Event =
            serde_json::from_str(&line).map_err(|source| ReplayError::NotAnEvent {
                number: index + 1,
                source,
            })?;
        sink(event);
    }
    reporter.finish();
    Ok(())
}
