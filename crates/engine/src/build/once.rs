//! Work that is done once, whoever asks for it: a look-up, a lock, the work, a record.

use boatyard_plan::event::Level;
use boatyard_store::StoreError;
use serde::Serialize;

use super::bench::Bench;
use crate::sink::notice;

/// Finds what was recorded under `key`, or does the work and records it. Several processes that want the same do it
/// once: who comes second waits, and says so with the `title` of the work. True if it was found.
///
/// `find` decides whether a record may be used; it is asked once more after a wait. The blobs that a record names must
/// be in the store when `make` returns.
pub(crate) fn once<T: Serialize, E: From<StoreError>>(
    bench: &Bench<'_>,
    key: &str,
    title: &str,
    find: impl Fn() -> Option<T>,
    make: impl FnOnce() -> Result<T, E>,
) -> Result<(T, bool), E> {
    if let Some(record) = find() {
        return Ok((record, true));
    }
    let _lock = bench.store.lock_action_or(key, || {
        notice(
            bench.sink,
            Level::Info,
            format!("another boatyard is doing \"{title}\": waiting for it"),
            None,
        );
    })?;
    if let Some(record) = find() {
        return Ok((record, true));
    }
    let record = make()?;
    bench.store.put_action(key, &record)?;
    Ok((record, false))
}
