//! `boatyard image prune` and `fsck`

use boatyard_plan::failure::{Failure, Fault};
use boatyard_store::Store;
use boatyard_store::prune::{self, Keep};

use crate::answer;
use crate::render::amount;
use crate::stopped::Stopped;
use crate::voice::Voice;

/// The store is not whole.
#[derive(Debug, thiserror::Error)]
#[error("the store is damaged: {} problems", problems.len())]
struct Damaged {
    problems: Vec<String>,
}

impl Failure for Damaged {
    fn fault(&self) -> Fault {
        Fault::Work
    }

    fn help(&self) -> Option<String> {
        Some(format!(
            "{}\nremove the images concerned (\"boatyard image rm\"), run \"boatyard image prune\", and build again",
            self.problems.join("\n")
        ))
    }
}

/// Frees the space of what no image with a name needs.
pub fn prune(store: &Store, voice: &Voice) -> Result<(), Stopped> {
    let freed = prune::gc(
        store,
        &Keep {
            bytes: Some(0),
            ..Keep::default()
        },
    )?;
    if voice.json {
        return answer::json(&serde_json::json!({
            "blobs": freed.blobs, "freed_bytes": freed.blob_bytes, "snapshots": freed.snapshots, "actions": freed.actions
        }));
    }
    answer::text(&format!(
        "freed {}: {} blobs, {} unpacked layers\n",
        amount::bytes(freed.blob_bytes),
        freed.blobs,
        freed.snapshots
    ))
}

/// Verifies every byte.
pub fn fsck(store: &Store) -> Result<(), Stopped> {
    let problems = prune::fsck(store)?;
    if problems.is_empty() {
        return answer::text("the store is whole\n");
    }
    Err(Damaged {
        problems: problems
            .iter()
            .map(|problem| format!("{problem:?}"))
            .collect(),
    }
    .into())
}
