//! Requests that wait for an environment to run.

use std::net::SocketAddr;
use std::time::Duration;

use boatyard_preview::environment::Environment;
use boatyard_preview::id::Id;
use boatyard_preview::phase::Phase;
use tokio::time::Instant;

use crate::web::site::Site;

/// A backend that has just begun again may know an address later than the keeper knows that it runs.
const AGAIN: Duration = Duration::from_millis(50);

/// What came of waiting.
pub enum Waited {
    /// It answers there.
    Runs(SocketAddr),
    /// It failed.
    Failed(Option<String>),
    /// It is gone.
    Gone,
    /// It took too long, or the server ends.
    TooLong,
    /// So many wait already that nobody else may.
    TooMany,
}

/// Waits until an environment runs, for as long as the settings say.
pub async fn wait(site: &Site, id: &Id) -> Waited {
    let Ok(_place) = site.holds().try_acquire_owned() else {
        return Waited::TooMany;
    };
    let until = Instant::now() + site.settings().visitors.hold;
    let mut changed = site.keeper().feed().follow();
    let mut ending = site.ending();
    loop {
        // What changes from here on is noticed below.
        changed.mark_unchanged();
        let is_running = match look(site, id) {
            None => return Waited::Gone,
            Some(one) if one.is_leaving() => return Waited::Gone,
            Some(one) if one.phase == Phase::Failed && one.asked.is_none() => {
                return Waited::Failed(one.reason);
            }
            Some(one) => one.phase == Phase::Running,
        };
        if let Some(address) = site.backend().address(id).filter(|_| is_running) {
            return Waited::Runs(address);
        }
        let again = if is_running {
            (Instant::now() + AGAIN).min(until)
        } else {
            until
        };
        tokio::select! {
            changed = changed.changed() => if changed.is_err() { return Waited::TooLong },
            _ = ending.changed() => return Waited::TooLong,
            () = tokio::time::sleep_until(again) => if again == until { return Waited::TooLong },
        }
    }
}

fn look(site: &Site, id: &Id) -> Option<Environment> {
    site.keeper().look(|known| known.inventory.get(id).cloned())
}
