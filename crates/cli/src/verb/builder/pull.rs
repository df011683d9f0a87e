//! Pulling what a build starts from and only a login can have.

use std::time::Instant;

use boatyard_engine::fetch;
use boatyard_plan::event::{Event, Outcome, Unit};
use boatyard_plan::lock::Lock;
use boatyard_store::Store;
use boatyard_store::registry::{Options, Progress, RegistryError};

use super::entrusted;
use super::order::Provision;
use crate::home;
use crate::progress::{Origins, Reporter, Roster, Sink};
use crate::stopped::Stopped;
use crate::voice::Voice;

/// Pulls images with the logins of the order, which are nowhere but in this process, into the store: the build that comes next, and has
/// no login, finds them there.
pub fn run(voice: &Voice) -> Result<(), Stopped> {
    let order: Provision = entrusted::order()?;
    let lock = Lock::parse(&order.lock)?;
    let store = Store::open(&home::open()?)?;
    let options = entrusted::options(&order.variables, order.logins);
    let reporter = Reporter::start(voice, Roster::default(), Origins::new());
    let sink = reporter.sink();
    let mut images = order.images.iter();
    let pulled = images.try_for_each(|name| one(&store, name, &lock, &options, &sink));
    drop(sink);
    reporter.finish();
    Ok(pulled?)
}

fn one(
    store: &Store,
    name: &str,
    lock: &Lock,
    options: &Options,
    sink: &Sink,
) -> Result<(), RegistryError> {
    let Ok(reference) = name.parse() else {
        // The build says so, with its place.
        return Ok(());
    };
    let id = format!("pull {name}");
    let began = Instant::now();
    sink(Event::Started {
        id: id.clone(),
        parent: None,
        title: id.clone(),
    });
    let told = |progress: Progress| {
        sink(Event::Progress {
            id: id.clone(),
            done: progress.done,
            total: Some(progress.total),
            unit: Unit::Bytes,
            note: String::new(),
        });
    };
    let pulled = fetch(store, (name, &reference), lock, options, &told);
    sink(Event::Finished {
        id: id.clone(),
        outcome: match &pulled {
            Ok(true) => Outcome::Cached,
            Ok(false) => Outcome::Done,
            Err(_) => Outcome::Failed,
        },
        millis: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        size_bytes: None,
    });
    pulled.map(drop)
}
