//! What is left of environments that nobody knows.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use boatyard_plan::reference::Reference;
use boatyard_plan::variant::stem;
use boatyard_preview::id::Id;
use boatyard_preview::inventory::Records;
use serde::Deserialize;

use super::child;
use super::git::on_mirror;
use super::place::{COPY, Site};
use crate::lane::{Stop, Trouble};

/// What `boatyard image ls --json` tells of each image.
#[derive(Deserialize)]
struct Image {
    reference: String,
}

impl Site {
    /// Names of copies of ours that have images in a home, in whichever form.
    pub(crate) async fn imaged(&self, home: &Path, stop: &Stop) -> BTreeSet<String> {
        if !home.join("index.json").is_file() {
            return BTreeSet::new();
        }
        let listing = self.told(home, &["image", "ls"], stop).await;
        let images: Vec<Image> = listing
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default();
        let names = images
            .iter()
            .filter_map(|image| image.reference.parse::<Reference>().ok());
        let tags = names.filter_map(|name| stem(&name).tag);
        tags.filter(|tag| tag.starts_with(COPY)).collect()
    }

    /// What our command answers; nothing if it fails, so that nothing is taken for left over.
    pub(crate) async fn told(&self, home: &Path, words: &[&str], stop: &Stop) -> Option<String> {
        let words = words.iter().map(Into::into).collect();
        self.answer(home, words, stop).await.ok().flatten()
    }

    /// Removes what a copy has that nobody knows; what was done, or could not be.
    pub(crate) async fn disown(&self, home: &Path, copy: &str, stop: &Stop) -> String {
        match self.down(home, copy, stop).await {
            Ok(()) => format!("removed {copy}, which nobody knows"),
            Err(trouble) => format!("cannot remove {copy}, which nobody knows: {trouble}"),
        }
    }

    /// Names of folders of environments.
    pub(crate) fn folders(&self) -> Vec<String> {
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

    /// Removes those of `folders` that are of nobody, and logs that are older than `keep_logs`; lets commits go that nobody shows.
    /// `recorded` is what is known after the folders were listed. What was done, and what could not be.
    pub(crate) async fn tidy(
        &self,
        folders: Vec<String>,
        keep_logs: Duration,
        recorded: &Records,
        stop: &Stop,
    ) -> Vec<String> {
        let is_known = |id: &str| id.parse().is_ok_and(|id: Id| recorded.contains_key(&id));
        let mut said = Vec::new();
        for id in folders {
            if !is_known(&id) {
                said.push(match self.discard(&id).await {
                    Ok(()) => format!("removed the folder of {id}, which nobody knows"),
                    Err(trouble) => format!("cannot remove the folder of {id}: {trouble}"),
                });
            }
        }
        let logs = self.settings.logs.clone();
        let known: BTreeSet<Id> = recorded.keys().copied().collect();
        let _ = tokio::task::spawn_blocking(move || {
            logs.sweep(keep_logs, |id| {
                id.parse().is_ok_and(|id: Id| known.contains(&id))
            });
        })
        .await;
        self.shrink_mirrors(stop).await;
        said
    }

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
