//! What is there and in nobody's records.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use boatyard_preview::id::Id;
use serde::Deserialize;

use super::child;
use super::git::on_mirror;
use super::outcome::Trouble;
use super::site::{COPY, Site};
use super::stop::Stop;

/// What `boatyard ps --all --json` tells of each place.
#[derive(Deserialize)]
struct Kept {
    copy: Option<String>,
}

/// What `boatyard image ls --json` tells of each image.
#[derive(Deserialize)]
struct Image {
    reference: String,
}

impl Site {
    /// Removes what is in nobody's records; says what was removed and what could not be.
    pub(super) async fn sweep(
        &self,
        keep_logs: Duration,
        known: impl Fn() -> BTreeSet<Id>,
    ) -> Vec<String> {
        let stop = Stop::new();
        let mut copies: Vec<(PathBuf, String)> = Vec::new();
        for home in self.homes() {
            let found = self.copies(&home, &stop).await;
            copies.extend(found.into_iter().map(|copy| (home.clone(), copy)));
        }
        let folders = self.folders();
        let known: BTreeSet<String> = known().iter().map(|id| id.as_str().to_owned()).collect();

        let mut said = Vec::new();
        for (home, copy) in copies {
            let is_known = copy.strip_prefix(COPY).is_some_and(|id| known.contains(id));
            if !is_known {
                said.push(match self.down(&home, &copy, &stop).await {
                    Ok(()) => format!("removed {copy}, which nobody knows"),
                    Err(trouble) => {
                        format!("cannot remove {copy}, which nobody knows: {trouble}")
                    }
                });
            }
        }
        for id in folders {
            if !known.contains(&id) {
                said.push(match self.discard(&id).await {
                    Ok(()) => format!("removed the folder of {id}, which nobody knows"),
                    Err(trouble) => format!("cannot remove the folder of {id}: {trouble}"),
                });
            }
        }
        let logs = self.settings.logs.clone();
        let _ = tokio::task::spawn_blocking(move || {
            logs.sweep(keep_logs, |id| known.contains(id));
        })
        .await;
        self.shrink_mirrors(&stop).await;
        said
    }

    /// Names of copies of ours in a home: by what they keep, and by their images.
    async fn copies(&self, home: &Path, stop: &Stop) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        if !home.is_dir() {
            return found;
        }
        let listing = self.told(home, &["ps", "--all"], stop).await;
        let kept: Vec<Kept> = listing
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default();
        found.extend(kept.into_iter().filter_map(|kept| kept.copy));
        if home.join("index.json").is_file() {
            let listing = self.told(home, &["image", "ls"], stop).await;
            let images: Vec<Image> = listing
                .and_then(|text| serde_json::from_str(&text).ok())
                .unwrap_or_default();
            let tags = images
                .iter()
                .filter_map(|image| image.reference.rsplit_once(':'));
            found.extend(tags.map(|(_, tag)| tag.to_owned()));
        }
        found.retain(|copy| copy.starts_with(COPY));
        found
    }

    /// What our command answers; nothing if it fails, so that nothing is taken for left over.
    async fn told(&self, home: &Path, words: &[&str], stop: &Stop) -> Option<String> {
        let words = words.iter().map(Into::into).collect();
        self.answer(home, words, stop).await.ok().flatten()
    }

    fn folders(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.environments())
            .into_iter()
            .flatten()
            .flatten();
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        // What was being removed when we were killed is gone on with under its own name.
        names
            .map(|name| {
                name.strip_prefix(".gone-")
                    .map(str::to_owned)
                    .unwrap_or(name)
            })
            .collect()
    }

    /// Lets commits go that no environment shows any more.
    async fn shrink_mirrors(&self, stop: &Stop) {
        let entries = std::fs::read_dir(self.settings.state.join("mirror"))
            .into_iter()
            .flatten()
            .flatten();
        for entry in entries {
            let lock = self.mirror(entry.path());
            let _alone = lock.lock().await;
            let mut git = on_mirror(&entry.path());
            git.args(["gc", "--quiet", "--prune=now"]);
            let _: Result<_, Trouble> = child::run(git, stop, |_, _| {}).await;
        }
    }
}
