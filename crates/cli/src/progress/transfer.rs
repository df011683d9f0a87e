//! A transfer from or to a registry, as events.

use std::time::Instant;

use boatyard_plan::event::{Event, Outcome, Unit};
use boatyard_store::registry::{Progress, RegistryError};

use super::Sink;

/// Does `work`, and tells that it is begun, how far it is, and how it ended; `id` is its title, too. `outcome` says how one has ended
/// that went well.
pub fn transfer<T>(
    sink: &Sink,
    id: &str,
    size_bytes: Option<u64>,
    work: impl FnOnce(&(dyn Fn(Progress) + Sync)) -> Result<T, RegistryError>,
    outcome: impl FnOnce(&T) -> Outcome,
) -> Result<T, RegistryError> {
    let began = Instant::now();
    sink(Event::Started {
        id: id.to_owned(),
        parent: None,
        title: id.to_owned(),
    });
    let done = work(&|told| {
        sink(Event::Progress {
            id: id.to_owned(),
            done: told.done,
            total: Some(told.total),
            unit: Unit::Bytes,
            note: String::new(),
        });
    });
    sink(Event::Finished {
        id: id.to_owned(),
        outcome: done.as_ref().map_or(Outcome::Failed, outcome),
        millis: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        size_bytes,
    });
    done
}
