//! The session itself: builds, then runs until it is stopped.

use std::path::Path;
use std::thread;

use boatyard_engine::session::{Options, Place, Session, SessionError};
use boatyard_plan::failure::{Failure, Fault};
use boatyard_plan::{build, run as plan};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::args::run::{Network, Up};
use crate::project;
use crate::render::{Reporter, Roster};
use crate::stopped::Stopped;
use crate::verb::build::project_images;
use crate::voice::Voice;
use crate::yard::Yard;

/// A port was given to something that has none.
#[derive(Debug, thiserror::Error)]
#[error("--publish {role}: there is no role {role:?} with a port")]
struct NoPort {
    role: String,
    known: Vec<String>,
}

impl Failure for NoPort {
    fn fault(&self) -> Fault {
        Fault::User
    }

    fn help(&self) -> Option<String> {
        Some(format!("roles with a port: {}", self.known.join(", ")))
    }
}

/// Builds the project and runs it until it is stopped.
pub fn run(named: Option<&Path>, words: &Up, voice: &Voice) -> Result<(), Stopped> {
    let found = project::find(named)?;
    let images = build::plan(&found.project);
    let processes = plan::plan(&found.project, &words.roles)?;
    let published = |process: &&plan::Process| process.publish && process.port.is_some();
    let known: Vec<String> = processes
        .processes
        .iter()
        .filter(published)
        .map(|process| process.name.clone())
        .collect();
    if let Some((role, _)) = words.publish.iter().find(|(role, _)| !known.contains(role)) {
        return Err(NoPort {
            role: role.clone(),
            known,
        }
        .into());
    }
    if words.session {
        // A session of our own: the terminal's signals are not for us.
        let _ = rustix::process::setsid();
    }
    let yard = Yard::open()?;
    let place = Place::new(&yard.home, &found.project.name, &found.folder);
    if place.is_running() {
        return Err(SessionError::already(&place).into());
    }
    let roster = processes
        .processes
        .iter()
        .map(|process| process.name.clone());
    let reporter = Reporter::start(voice, Roster::new(roster), found.origins(&images));
    let sink = reporter.sink();
    yard.say_notices(&sink);
    let options = Options {
        timeout: words.timeout,
        host_network: words.network == Network::Host,
        publish: words.publish.iter().cloned().collect(),
    };
    let result = project_images(&yard, &found, &images, &words.manner, &sink).and_then(|_| {
        let session = Session::new(
            &yard.host,
            &yard.sandbox,
            &yard.store,
            &place,
            &processes,
            options,
            sink,
        )?;
        stop_on_signals(&session)?;
        Ok(session.run()?)
    });
    reporter.finish();
    result
}

/// The first signal stops the session gracefully, the second at once.
fn stop_on_signals(session: &Session<'_>) -> Result<(), Stopped> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).map_err(Stopped::from_writing)?;
    let stopper = session.stopper();
    thread::spawn(move || signals.forever().for_each(|_| stopper.stop()));
    Ok(())
}
