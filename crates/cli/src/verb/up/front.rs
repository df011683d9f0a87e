//! The session in this process.

use std::sync::Arc;

use boatyard_engine::session::{self, Networking, Options, Session};
use boatyard_plan::event::{Event, Level};

use super::errand::Errand;
use crate::args::run::{Network, Up};
use crate::progress::{Reporter, Roster, Sink};
use crate::signals;
use crate::stopped::Stopped;
use crate::verb::build;
use crate::voice::Voice;
use crate::yard::Yard;

/// Builds, runs, and shows both until somebody stops it.
pub fn run(errand: &Errand, words: &Up, is_behind: bool, voice: &Voice) -> Result<(), Stopped> {
    if is_behind {
        // A session of our own: closing the terminal does not end it. Fails only if we lead one already.
        let _ = rustix::process::setsid();
    }
    let voice = &build::with_shell(voice, &words.manner);
    let yard = Yard::open()?;
    let options = options(words);
    session::check_ports(&yard.host, &errand.plan, &options)?;
    let reporter = Reporter::start(voice, Roster::of(&errand.plan), errand.job.origins.clone());
    yard.say_notices(&reporter.sink());
    let built = if words.prepared {
        Ok(())
    } else {
        build::images(&yard, &errand.job, &words.manner, reporter.sink()).map(|_| ())
    };
    let is_once = words.until_ready || words.cleanup;
    let result = built.and_then(|()| session(&yard, errand, options, is_once, &reporter.sink()));
    reporter.finish();
    result
}

fn options(words: &Up) -> Options {
    Options {
        timeout: words.timeout,
        network: match words.network {
            Network::Own => Networking::Own,
            Network::Isolated => Networking::Isolated,
            Network::Host => Networking::Host,
        },
        publish: words.publish.iter().cloned().collect(),
    }
}

fn session(
    yard: &Yard,
    errand: &Errand,
    options: Options,
    is_once: bool,
    sink: &Sink,
) -> Result<(), Stopped> {
    let session = Session::new(
        &yard.host,
        &yard.sandbox,
        &yard.store,
        &errand.place,
        &errand.plan,
        options,
        Arc::clone(sink),
    )?;
    let (stopper, sink) = (session.stopper(), Arc::clone(sink));
    signals::each(move |_| {
        sink(Event::Notice {
            level: Level::Info,
            message: "stopping; once more kills what does not end".to_owned(),
            help: None,
        });
        stopper.stop();
    })?;
    if is_once {
        return Ok(session.run_once()?);
    }
    Ok(session.run()?)
}
