//! Images that were made of a Dockerfile.

use boatyard_engine::dockerfile::Built;
use boatyard_plan::reference::Reference;

use crate::answer::Table;
use crate::args::Progress;
use crate::progress::amount;
use crate::verb::note::Noted;
use crate::verb::push::Parcel;
use crate::voice::Voice;

/// An image that was made.
pub struct Made {
    /// The image.
    pub built: Built,
    /// What it is called.
    pub tags: Vec<Reference>,
    /// Which form it is.
    pub key: String,
}

impl Made {
    /// What is pushed of it: each of its names.
    pub fn parcels(&self) -> Vec<Parcel> {
        let parcel = |name: &Reference| Parcel {
            name: name.clone(),
            manifest: self.built.manifest.clone(),
            size_bytes: self.built.size_bytes,
        };
        self.tags.iter().map(parcel).collect()
    }

    /// What scripts learn of it.
    pub fn noted(&self) -> Noted {
        Noted {
            key: self.key.clone(),
            names: self.tags.iter().map(ToString::to_string).collect(),
            manifest: self.built.manifest.clone(),
            config: self.built.config.clone(),
        }
    }
}

/// The images for people; only their ids with --quiet, as docker does: what `docker run` takes, and what --iidfile has.
pub fn listing(images: &[Made], voice: &Voice) -> String {
    if voice.progress == Progress::Quiet {
        let ids = images.iter().map(|made| &made.built.config.digest);
        return ids.fold(String::new(), |text, id| format!("{text}{id}\n"));
    }
    let mut table = Table::new(["IMAGE", "DIGEST", "SIZE", ""]);
    for made in images {
        let mut names: Vec<String> = made.tags.iter().map(ToString::to_string).collect();
        if names.is_empty() {
            names.push("(no name)".to_owned());
        }
        let built = &made.built;
        for name in names {
            table.row([
                name,
                built.manifest.digest.short().to_owned(),
                amount::bytes(built.size_bytes),
                if built.cached { "unchanged" } else { "" }.to_owned(),
            ]);
        }
    }
    table.render(voice.out)
}
