//! `boatyard image prune`

use std::time::{Duration, SystemTime};

use boatyard_store::Store;
use boatyard_store::prune::{self, Freed, Keep};

use crate::answer;
use crate::progress::amount;
use crate::stopped::Stopped;
use crate::voice::Voice;

/// Removes what nothing needs; of the results of build steps those that were used in the last `days` are needed, and
/// the latest that fit into `bytes`.
pub fn run(
    store: &Store,
    days: Option<u32>,
    bytes: Option<u64>,
    voice: &Voice,
) -> Result<(), Stopped> {
    let day = Duration::from_secs(24 * 60 * 60);
    let keep = Keep {
        used_since: days.and_then(|days| SystemTime::now().checked_sub(day * days)),
        bytes,
    };
    tell(&prune::gc(store, &keep)?, voice)
}

/// Tells what was removed.
pub fn tell(freed: &Freed, voice: &Voice) -> Result<(), Stopped> {
    if voice.json {
        return answer::json(&serde_json::json!({
            "blobs": freed.blobs,
            "blob_bytes": freed.blob_bytes,
            "snapshots": freed.snapshots,
            "actions": freed.actions,
        }));
    }
    answer::text(&format!("{}\n", words(freed)))
}

/// What was removed, in one line.
pub fn words(freed: &Freed) -> String {
    format!(
        "removed {} blobs ({}), {} unpacked layers, {} results of steps",
        freed.blobs,
        amount::bytes(freed.blob_bytes),
        freed.snapshots,
        freed.actions
    )
}
