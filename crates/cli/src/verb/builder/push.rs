//! Pushing what was built here.

use std::io::{self, BufReader};
use std::process;

use boatyard_store::Store;
use boatyard_store::registry::Options;

use super::hearing;
use super::order::{self, Delivery};
use crate::args::build::Manner;
use crate::home;
use crate::progress::{Origins, Reporter, Roster};
use crate::stopped::Stopped;
use crate::verb::push;
use crate::verb::render;
use crate::voice::Voice;

/// Pushes it with the logins of the order, which are nowhere but in this process, and forgets its names.
pub fn run(voice: &Voice) -> Result<(), Stopped> {
    let mut input = BufReader::new(io::stdin());
    let order: Delivery = order::read(&mut input)?;
    hearing::watch(input, || process::exit(1));
    let store = Store::open(&home::open()?)?;
    let own = |name: &str| std::env::var(name).ok();
    let mut options =
        Options::from_variables(|name| order.variables.get(name).cloned().or_else(|| own(name)));
    options.credentials.given = order.logins;
    let parcels = push::parcels(&store, &render::named(&order.built))?;
    let reporter = Reporter::start(voice, Roster::default(), Origins::new());
    let sink = reporter.sink();
    let pushed = push::all_by(
        &store,
        &parcels,
        push::at_once(&Manner::default()),
        &options,
        &sink,
    );
    drop(sink);
    reporter.finish();
    pushed?;
    for parcel in &parcels {
        store.untag(&parcel.name)?;
    }
    Ok(())
}
