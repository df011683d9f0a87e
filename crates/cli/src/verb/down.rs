//! `boatyard down`

use boatyard_engine::session;

use crate::project::{self, Named};
use crate::stopped::Stopped;
use crate::voice::Voice;
use crate::{answer, home};

/// Stops what runs of the project; with `volumes` its data goes too.
pub fn run(named: Named<'_>, volumes: bool, voice: &Voice) -> Result<(), Stopped> {
    let found = project::find(named)?;
    let place = found.place(&home::open()?);
    let stopped = session::stop(&place)?;
    let mut text = if stopped {
        "stopped\n"
    } else {
        "nothing ran\n"
    }
    .to_owned();
    if volumes {
        // Files of a container's users belong to subordinate ids: only their namespace can remove them.
        crate::yard::Yard::open()?;
        if place.volumes().exists() {
            boatyard_store::remove_tree(&place.volumes())?;
            text.push_str("removed the volumes\n");
        }
    }
    if voice.json {
        return answer::json(
            &serde_json::json!({ "stopped": stopped, "volumes_removed": volumes }),
        );
    }
    answer::text(&text)
}
