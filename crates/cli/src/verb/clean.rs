//! `boatyard clean` and `boatyard purge`

use boatyard_plan::failure::{Failure, Fault};
use boatyard_store::prune::{self, Keep};
use boatyard_store::remove_tree;

use crate::answer;
use crate::render::amount;
use crate::stopped::Stopped;
use crate::voice::Voice;
use crate::yard::Yard;

/// Everything would be removed and nobody said so.
#[derive(Debug, thiserror::Error)]
#[error(
    "purge removes everything in {home}: images, caches and the data of every project's volumes"
)]
struct NotSure {
    home: String,
}

impl Failure for NotSure {
    fn fault(&self) -> Fault {
        Fault::User
    }

    fn help(&self) -> Option<String> {
        Some("if that is what you want: boatyard purge --yes".to_owned())
    }
}

/// Removes the build cache: what no image with a name needs, and with `downloads` what was downloaded.
pub fn clean(downloads: bool, voice: &Voice) -> Result<(), Stopped> {
    let yard = Yard::open()?;
    let freed = prune::gc(
        &yard.store,
        &Keep {
            bytes: Some(0),
            ..Keep::default()
        },
    )?;
    let flat = yard.home.join("flat");
    for (folder, gone) in [("flat", true), ("cache", downloads), ("tools", downloads)] {
        let folder = if folder == "flat" {
            flat.clone()
        } else {
            yard.home.join(folder)
        };
        if gone && folder.exists() {
            remove_tree(&folder)?;
        }
    }
    if voice.json {
        return answer::json(&serde_json::json!({ "freed_bytes": freed.blob_bytes }));
    }
    answer::text(&format!("freed {}\n", amount::bytes(freed.blob_bytes)))
}

/// Removes everything that Boatyard keeps.
pub fn purge(yes: bool) -> Result<(), Stopped> {
    let yard = Yard::open()?;
    if !yes {
        return Err(NotSure {
            home: yard.home.display().to_string(),
        }
        .into());
    }
    for entry in std::fs::read_dir(&yard.home)
        .map_err(Stopped::from_writing)?
        .flatten()
    {
        remove_tree(&entry.path())?;
    }
    answer::text(&format!("removed everything in {}\n", yard.home.display()))
}
