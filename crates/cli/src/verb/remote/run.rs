//! A job of what is deployed, once more.

use std::io::{self, Write as _};
use std::time::Duration;

use boatyard_cluster::deploy::Stop;
use boatyard_cluster::wait::Patience;
use boatyard_plan::failure::{Failure, Fault};

use super::place::Place;
use crate::project::{self, Named};
use crate::signals;
use crate::stopped::Stopped;

/// How long a job may take: it has a deadline of its own.
const LONGEST: Duration = Duration::from_secs(7 * 24 * 3600);
/// How long something that is likely to stay as it is may be in its way.
const TROUBLE: Duration = Duration::from_secs(30);

/// What cannot be run there.
#[derive(Debug, thiserror::Error)]
#[error("on a cluster only a job of the project can be run")]
struct OnlyJobs;

impl Failure for OnlyJobs {
    fn fault(&self) -> Fault {
        Fault::User
    }

    fn help(&self) -> Option<String> {
        Some(
            "a command in a pod that runs: boatyard exec --context CONTEXT ROLE -- COMMAND"
                .to_owned(),
        )
    }
}

/// Runs a job as it is deployed; ends with its exit code. Ctrl-C removes it.
pub fn run(
    named: Named<'_>,
    place: &Place<'_>,
    job: Option<&str>,
    command: &[String],
) -> Result<(), Stopped> {
    let Some(job) = job.filter(|_| command.is_empty()) else {
        return Err(OnlyJobs.into());
    };
    let found = project::find(named)?;
    let (cluster, owner) = place.connect(&found)?;
    let stop = Stop::default();
    let asked = stop.clone();
    signals::each(move |_| asked.now())?;
    let patience = Patience {
        timeout: LONGEST,
        trouble: TROUBLE,
    };
    // Its output is the answer; that nobody reads it is its own affair.
    let code = cluster.once(&owner, job, patience, &stop, &mut |line| {
        let _ = writeln!(io::stdout(), "{}", line.text);
    })?;
    match code {
        0 => Ok(()),
        code => Err(Stopped::Ended(code)),
    }
}
