//! `boatyard logs`

use std::path::Path;
use std::time::Duration;

use boatyard_engine::session::{Line, Place, Reader, SessionError};

use crate::render::Roster;
use crate::stopped::Stopped;
use crate::voice::Voice;
use crate::{answer, home, project};

/// How often a log that is followed is looked at.
const INTERVAL: Duration = Duration::from_millis(100);

/// Shows what processes printed, and with `follow` what they print until the session is over.
pub fn run(
    named: Option<&Path>,
    processes: &[String],
    follow: bool,
    voice: &Voice,
) -> Result<(), Stopped> {
    let found = project::find(named)?;
    let place = Place::new(&home::locate()?, &found.project.name, &found.folder);
    let known = Reader::processes(&place);
    if let Some(name) = processes.iter().find(|name| !known.contains(name)) {
        return Err(SessionError::NoLog {
            name: name.clone(),
            known,
        }
        .into());
    }
    let shown = if processes.is_empty() {
        known.clone()
    } else {
        processes.to_vec()
    };
    let mut roster = Roster::new(shown.iter().cloned());
    let mut reader = Reader::new(&place, &shown);
    loop {
        // Asked before the lines are read: what came before the end is shown.
        let running = place.is_running();
        for line in reader.more() {
            tell(&line, &mut roster, voice)?;
        }
        if !follow || !running {
            return Ok(());
        }
        std::thread::sleep(INTERVAL);
    }
}

fn tell(line: &Line, roster: &mut Roster, voice: &Voice) -> Result<(), Stopped> {
    if voice.json {
        let Line {
            millis,
            process,
            stream,
            text,
        } = line;
        return answer::json(
            &serde_json::json!({ "millis": millis, "process": process, "stream": stream, "line": text }),
        );
    }
    answer::text(&format!(
        "{}\n",
        roster
            .line(&line.process, &line.text, voice.out)
            .trim_end_matches('\n')
    ))
}
