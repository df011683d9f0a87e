//! `boatyard ps`

use boatyard_engine::session::{Record, SessionError, State};

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
