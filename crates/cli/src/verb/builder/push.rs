//! Pushing what was built here.

use boatyard_store::Store;

use super::entrusted;
use super::order::Delivery;
use crate::args::build::Manner;
use crate::home;
use crate::progress::{Origins, Reporter, Roster};
use crate::stopped::Stopped;
use crate::verb::push;
use crate::verb::render;
use crate::voice::Voice;

/// Pushes it with the logins of the order, which are nowhere but in this process, and forgets its names.
pub fn run(voice: &Voice) -> Result<(), Stopped> {
    let order: Delivery = entrusted::order()?;
    let store = Store::open(&home::open()?)?;
    let options = entrusted::options(&order.variables, order.logins);
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
