//! `boatyard ps`

use boatyard_engine::session::{Place, Record, SessionError, State};
use serde::Serialize;

use crate::answer::{self, Table};
use crate::home;
use crate::project::{self, Named};
use crate::stopped::Stopped;
use crate::voice::Voice;

/// Lists what runs of the project.
pub fn run(named: Named<'_>, voice: &Voice) -> Result<(), Stopped> {
    let found = project::find(named)?;
    let place = found.place(&home::locate()?);
    let record = match Record::read(&place) {
        Ok(record) => record,
        Err(SessionError::NotRunning) if voice.json => {
            return answer::json(&serde_json::json!({
                "pid": null, "project": found.project.name, "ready": false, "processes": []
            }));
        }
        Err(SessionError::NotRunning) => {
            return answer::text("nothing runs; start it with \"boatyard up\"\n");
        }
        Err(error) => return Err(error.into()),
    };
    if voice.json {
        return answer::json(&record);
    }
    let mut table = Table::new(["NAME", "STATE", "PID", "URL", "IMAGE"]);
    for process in &record.processes {
        let state = match (process.state, process.code) {
            (_, Some(0)) => "done".to_owned(),
            (_, Some(code)) => format!("exited {code}"),
            (State::Waiting, None) => "waiting".to_owned(),
            (State::Starting, None) => "starting".to_owned(),
            (State::Ready, None) => "ready".to_owned(),
            (State::Stopping, None) => "stopping".to_owned(),
            (State::Exited, None) => "exited".to_owned(),
        };
        let pid = process.pid.map(|pid| pid.to_string()).unwrap_or_default();
        let url = process.url.clone().unwrap_or_default();
        table.row([process.name.clone(), state, pid, url, process.image.clone()]);
    }
    answer::text(&table.render(voice.out))
}

/// What programs learn of each place.
#[derive(Serialize)]
struct Kept {
    place: String,
    copy: Option<String>,
    running: bool,
    ready: bool,
    pid: Option<i32>,
}

/// Lists every project, and every copy, of which anything runs or is kept.
pub fn all(voice: &Voice) -> Result<(), Stopped> {
    let places = Place::all(&home::locate()?);
    let kept = places.iter().map(|place| {
        let record = Record::read(place).ok();
        Kept {
            place: place.name().to_owned(),
            copy: place.copy().map(str::to_owned),
            running: place.is_running(),
            ready: record.as_ref().is_some_and(|record| record.ready),
            pid: record.map(|record| record.pid),
        }
    });
    let kept: Vec<Kept> = kept.collect();
    if voice.json {
        return answer::json(&kept);
    }
    let mut table = Table::new(["PROJECT", "COPY", "STATE"]);
    for one in kept {
        let state = match (one.running, one.ready) {
            (true, true) => "ready",
            (true, false) => "starting",
            (false, _) => "kept",
        };
        table.row([one.place, one.copy.unwrap_or_default(), state.to_owned()]);
    }
    answer::text(&table.render(voice.out))
}
