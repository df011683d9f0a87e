//! What processes on a cluster printed.

use std::io::{self, Write as _};

use boatyard_cluster::process::{self, Line};
use serde::Serialize;

use super::place::Place;
use crate::progress::Roster;
use crate::project::{self, Named};
use crate::stopped::Stopped;
use crate::verb::logs::Wanted;
use crate::voice::Voice;

/// What programs learn of each line. A cluster does not tell the streams apart.
#[derive(Serialize)]
struct Answer<'a> {
    /// Milliseconds since 1970.
    millis: i64,
    process: &'a str,
    pod: &'a str,
    line: &'a str,
}

/// Shows what processes printed.
pub fn logs(
    named: Named<'_>,
    place: &Place<'_>,
    wanted: &Wanted<'_>,
    voice: &Voice,
) -> Result<(), Stopped> {
    let found = project::find(named)?;
    let (cluster, owner) = place.connect(&found)?;
    let wanted = process::Wanted {
        processes: wanted.processes.to_vec(),
        last: wanted.last,
        follow: wanted.follow,
    };
    let roles = found.project.roles.iter().map(|role| role.name.clone());
    let mut roster = Roster::new(roles);
    cluster.logs(&owner, &wanted, &mut |line| show(line, &mut roster, voice))?;
    Ok(())
}

fn show(line: &Line, roster: &mut Roster, voice: &Voice) {
    let text = if voice.json {
        let answer = Answer {
            millis: line.time.as_millisecond(),
            process: &line.process,
            pod: &line.pod,
            line: &line.text,
        };
        serde_json::to_string(&answer).expect("strings and a number only")
    } else {
        roster.line(&line.process, &line.text, voice.out)
    };
    if writeln!(io::stdout(), "{text}").is_err() {
        // Nobody reads any more.
        std::process::exit(0);
    }
}
