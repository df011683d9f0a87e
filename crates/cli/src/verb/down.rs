//! `boatyard down`

use boatyard_engine::session::{self, Place};
use boatyard_plan::failure::{Failure, Fault};
use boatyard_plan::reference::Reference;
use boatyard_plan::variant::stem;

use crate::project::{self, Named};
use crate::stopped::Stopped;
use crate::voice::Voice;
use crate::yard::Yard;
use crate::{answer, home};

/// Everything goes of a copy only: a project's own data is worth a word of its own.
#[derive(Debug, thiserror::Error)]
#[error("down --all is for a copy of a project, and none is named")]
struct NoCopy;

impl Failure for NoCopy {
    fn fault(&self) -> Fault {
        Fault::User
    }

    fn help(&self) -> Option<String> {
        Some("name one with --copy (\"boatyard ps --all\" lists them), or remove the project's own data with \"boatyard down --volumes\"".to_owned())
    }
}

/// Stops what runs of the project; with `volumes` its data goes too.
pub fn run(named: Named<'_>, volumes: bool, all: bool, voice: &Voice) -> Result<(), Stopped> {
    if all {
        let copy = named.copy.ok_or(NoCopy)?;
        return remove(copy, voice);
    }
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
        Yard::open()?;
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

/// Stops a copy, whichever project it is of, and removes all that it has: data, logs, images.
fn remove(copy: &str, voice: &Voice) -> Result<(), Stopped> {
    let home = home::open()?;
    let mut places = Place::all(&home);
    places.retain(|place| place.copy() == Some(copy));
    let mut stopped = false;
    for place in &places {
        stopped |= session::stop(place)?;
    }
    // Files of a container's users belong to subordinate ids: only their namespace can remove them.
    let yard = Yard::open()?;
    for place in &places {
        boatyard_store::remove_tree(&place.volumes())?;
        boatyard_store::remove_tree(&place.folder())?;
    }
    let mut images = yard.store.images()?;
    images.retain(|(reference, _)| is_of(reference, copy));
    for (reference, _) in &images {
        yard.store.untag(reference)?;
    }
    let images: Vec<String> = images.iter().map(|(name, _)| name.to_string()).collect();
    if voice.json {
        return answer::json(&serde_json::json!({
            "stopped": stopped, "places_removed": places.len(), "images_removed": images
        }));
    }
    answer::text(&format!(
        "removed {copy}: data and logs of {}, images: {}\n",
        places.len(),
        images.len()
    ))
}

/// Whether an image is a copy's, in whichever form: `x/app:COPY`, `x/app:k8s-COPY`.
fn is_of(image: &Reference, copy: &str) -> bool {
    [image, &stem(image)]
        .map(|name| name.tag.as_deref())
        .contains(&Some(copy))
}
