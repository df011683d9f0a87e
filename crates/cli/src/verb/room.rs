//! Room on the disk: after a build, the results of steps that were not used for the longest time go when the store is
//! over its budget (`BOATYARD_KEEP_BYTES`) or the disk is over 90 % full.

use boatyard_plan::event::{Event, Level};
use boatyard_plan::image::Descriptor;
use boatyard_store::prune::{self, Freed, Keep};
use boatyard_store::{Store, StoreError};

use crate::args::size;
use crate::diagnose::in_one_line;
use crate::progress::Sink;
use crate::verb::image::prune::words;

/// The variable with the budget: a size, or `all` for no pruning at all.
const BUDGET: &str = "BOATYARD_KEEP_BYTES";

/// A disk that is fuller is cleaned until it is not, percent.
const FULL_PERCENT: u64 = 90;

/// A disk, in bytes.
#[derive(Clone, Copy, Debug)]
struct Disk {
    total: u64,
    free: u64,
}

/// What the user says about the budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Budget {
    /// Nothing: only a disk that is nearly full matters.
    Unset,
    /// At most so many bytes of blobs.
    Bytes(u64),
    /// Nothing is ever removed.
    All,
}

/// Makes room if there is too little, and says what was removed. The images that were `built` stay, named or not.
/// Nothing happens while another boatyard uses the store.
pub fn make(store: &Store, built: &[Descriptor], sink: &Sink) {
    let Some(budget) = budget(std::env::var(BUDGET).ok().as_deref()) else {
        let message = format!("{BUDGET} is neither a size, e.g. 20GB, nor \"all\"");
        return say(sink, Level::Warning, message);
    };
    let Some((bytes, why)) = wanted(budget, disk(store), || prune::blob_bytes(store).ok()) else {
        return;
    };
    match pruned(store, built, bytes) {
        Ok(freed) if freed == Freed::default() => {}
        Ok(freed) => say(sink, Level::Info, format!("{why}: {}", words(&freed))),
        Err(StoreError::InUse { .. }) => {}
        Err(error) => say(
            sink,
            Level::Warning,
            format!("{why}, but nothing was removed: {}", in_one_line(&error)),
        ),
    }
}

fn pruned(store: &Store, built: &[Descriptor], bytes: u64) -> Result<Freed, StoreError> {
    let pin = format!("built-{}", std::process::id());
    let digests: Vec<_> = built.iter().map(|image| image.digest.clone()).collect();
    store.pin(&pin, &digests)?;
    let keep = Keep {
        bytes: Some(bytes),
        ..Keep::default()
    };
    let freed = prune::gc(store, &keep);
    store.unpin(&pin)?;
    freed
}

fn budget(said: Option<&str>) -> Option<Budget> {
    match said {
        None | Some("") => Some(Budget::Unset),
        Some("all") => Some(Budget::All),
        Some(text) => size::bytes(text).ok().map(Budget::Bytes),
    }
}

fn disk(store: &Store) -> Option<Disk> {
    let found = rustix::fs::statvfs(store.root()).ok()?;
    // As df counts: what is kept for root is neither used nor free.
    let used = found.f_blocks.saturating_sub(found.f_bfree);
    let blocks = used.saturating_add(found.f_bavail);
    Some(Disk {
        total: blocks.saturating_mul(found.f_frsize),
        free: found.f_bavail.saturating_mul(found.f_frsize),
    })
}

/// How many bytes of blobs may stay, and why no more; `None` if there is room. `blobs` is asked only if it matters.
fn wanted(
    budget: Budget,
    disk: Option<Disk>,
    blobs: impl FnOnce() -> Option<u64>,
) -> Option<(u64, String)> {
    if budget == Budget::All {
        return None;
    }
    let allowed = disk.map_or(0, |disk| disk.total / 100 * (100 - FULL_PERCENT));
    let lacking = disk.map_or(0, |disk| allowed.saturating_sub(disk.free));
    let set = match budget {
        Budget::Bytes(bytes) => bytes,
        Budget::Unset | Budget::All => u64::MAX,
    };
    if set == u64::MAX && lacking == 0 {
        return None;
    }
    let there = blobs()?;
    if lacking > 0 && there.saturating_sub(lacking) < set {
        let why = format!("the disk is over {FULL_PERCENT} % full");
        return Some((there.saturating_sub(lacking), why));
    }
    (there > set).then(|| (set, format!("the store is over {BUDGET}")))
}

fn say(sink: &Sink, level: Level, message: String) {
    sink(Event::Notice {
        level,
        message,
        help: None,
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_made_when_there_is_too_little() {
        let roomy = Disk {
            total: 1000,
            free: 100,
        };
        let full = Disk {
            total: 1000,
            free: 40,
        };
        for (said, disk, expected) in [
            (None, roomy, None),
            (None, full, Some(440)),
            (Some("all"), full, None),
            (Some("600"), roomy, None),
            (Some("500"), roomy, None),
            (Some("300"), roomy, Some(300)),
            (Some("300"), full, Some(300)),
            (Some("480"), full, Some(440)),
        ] {
            let found = wanted(budget(said).unwrap(), Some(disk), || Some(500));
            assert_eq!(found.map(|(bytes, _)| bytes), expected, "{said:?} {disk:?}");
        }
        assert_eq!(budget(Some("much")), None);
        assert_eq!(wanted(Budget::Unset, None, || Some(500)), None);
    }
}
