//! Pulling what a build starts from and only a login can have.

use boatyard_engine::fetch;
use boatyard_plan::event::Outcome;
use boatyard_plan::lock::Lock;
use boatyard_store::Store;
use boatyard_store::registry::{Options, Progress, RegistryError};

use super::entrusted;
use super::order::Provision;
use crate::home;
use crate::progress::{Origins, Reporter, Roster, Sink, transfer};
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
    let work =
        |told: &(dyn Fn(Progress) + Sync)| fetch(store, (name, &reference), lock, options, told);
    let outcome = |is_there: &bool| {
        if *is_there {
            Outcome::Cached
        } else {
            Outcome::Done
        }
    };
    transfer(sink, &format!("pull {name}"), None, work, outcome).map(drop)
}
