//! What is there and in nobody's records.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use boatyard_preview::environment::Environment;
use boatyard_preview::id::Id;
use boatyard_preview::inventory::Records;
use serde::Deserialize;

use crate::lane::Stop;
use crate::site::{COPY, Site};

/// What `boatyard ps --all --json` tells of each place.
#[derive(Deserialize)]
struct Kept {
    copy: Option<String>,
    #[serde(default)]
    running: bool,
}

impl Site {
    /// Removes what is in nobody's records, and stops what runs and should not by them; says what was done and what could not be.
    pub(super) async fn sweep(
        &self,
        keep_logs: Duration,
        known: impl Fn() -> Records,
    ) -> Vec<String> {
        let stop = Stop::new();
        let mut copies: Vec<(PathBuf, String, bool)> = Vec::new();
        for home in self.homes() {
            let found = self.copies(&home, &stop).await;
            let found = found.into_iter();
            copies.extend(found.map(|(copy, runs)| (home.clone(), copy, runs)));
        }
        let templates = self.sweep_templates(&stop).await;
        let folders = self.folders();
        let recorded = known();
        let there: BTreeSet<String> = recorded.keys().map(|id| id.as_str().to_owned()).collect();

        let mut said = templates;
        for (home, copy, runs) in copies {
            let id = copy.strip_prefix(COPY).filter(|id| there.contains(*id));
            if let Some(id) = id {
                let one = id.parse().ok().and_then(|id: Id| recorded.get(&id));
                if let Some(one) = one.filter(|one| runs && rests(one)) {
                    said.extend(self.put_to_rest(&one.id, &known, &stop).await);
                }
            } else {
                said.push(self.disown(&home, &copy, &stop).await);
            }
        }
        let rest = self.tidy(folders, keep_logs, &recorded, &stop).await;
        said.extend(rest);
        said
    }

    /// Stops what runs, if by its record it rests: a start was given up that our command had done all the same.
    async fn put_to_rest(
        &self,
        id: &Id,
        known: impl Fn() -> Records,
        stop: &Stop,
    ) -> Option<String> {
        // Nothing is begun for it meanwhile, and what was begun before is in its record.
        let turn = self.turn(id);
        let _turn = turn.lock().await;
        let one = known().remove(id)?;
        if !rests(&one) {
            return None;
        }
        let stopped = if one.is_kept() {
            self.stop(&one, stop).await
        } else {
            self.clear(&one.id, stop).await
        };
        Some(match stopped {
            Ok(()) => format!("stopped {id}, which ran though it was {}", one.phase),
            Err(trouble) => {
                format!(
                    "cannot stop {id}, which runs though it is {}: {trouble}",
                    one.phase
                )
            }
        })
    }

    /// Names of copies of ours in a home, by what they keep, and by their images; and whether they run.
    async fn copies(&self, home: &Path, stop: &Stop) -> BTreeMap<String, bool> {
        let mut found = BTreeMap::new();
        if !home.is_dir() {
            return found;
        }
        let listing = self.told(home, &["ps", "--all"], stop).await;
        let kept: Vec<Kept> = listing
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default();
        let kept = kept.into_iter();
        found.extend(kept.filter_map(|kept| Some((kept.copy?, kept.running))));
        for copy in self.imaged(home, stop).await {
            found.entry(copy).or_default();
        }
        found.retain(|copy, _| copy.starts_with(COPY));
        found
    }
}

/// Whether nothing of it is to run, by its record.
fn rests(one: &Environment) -> bool {
    one.slot().is_none() && one.leaving.is_none()
}
