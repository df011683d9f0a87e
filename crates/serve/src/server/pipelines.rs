//! Waiting for images that somebody else makes, and for the word that they may be there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use boatyard_preview::environment::Environment;
use boatyard_preview::forge::Pipeline;
use boatyard_preview::id::Id;
use boatyard_preview::images::{Awaited, Images};
use boatyard_preview::phase::{Event, Phase};
use futures_util::StreamExt as _;
use futures_util::stream::iter;
use tokio::sync::Notify;

use super::run::Server;
use crate::logs::Part;

/// How often it is asked who waits.
const TICK: Duration = Duration::from_secs(1);
/// After a look that was in vain; doubled each time, up to the other one.
const SHORTEST: Duration = Duration::from_secs(2);
const LONGEST: Duration = Duration::from_secs(30);
/// Looks at once.
const AT_ONCE: usize = 4;
/// Commits of which it is remembered how their pipelines ended.
const REMEMBERED: usize = 4096;

/// Pipelines that have ended.
#[derive(Default)]
pub(super) struct Pipelines {
    ended: Mutex<Ended>,
    heard: Notify,
}

#[derive(Default)]
struct Ended {
    /// By commit, the page of one that has failed; none: the last one has not.
    failed: BTreeMap<String, Option<String>>,
    /// Those that nobody has looked for images of since.
    fresh: BTreeSet<String>,
}

impl Pipelines {
    /// One has ended: its images may be there.
    pub(super) fn hear(&self, pipeline: &Pipeline) {
        let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        if ended.failed.len() >= REMEMBERED {
            // Only a link is forgotten.
            ended.failed.clear();
        }
        let commit = pipeline.commit.clone();
        ended.failed.insert(commit.clone(), pipeline.failed.clone());
        ended.fresh.insert(commit);
        drop(ended);
        self.heard.notify_one();
    }

    fn fresh(&self) -> BTreeSet<String> {
        let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut ended.fresh)
    }

    fn failed(&self, commit: &str) -> Option<String> {
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        ended.failed.get(commit).cloned().flatten()
    }
}

/// When somebody is looked at next.
struct Next {
    at: Instant,
    pause: Duration,
}

impl Server {
    /// Looks for the images of those that wait for some, until they are there.
    pub(super) async fn wait_for_images(self: Arc<Self>) {
        let mut next: BTreeMap<Id, Next> = BTreeMap::new();
        loop {
            let waiting = self.waiting();
            next.retain(|id, _| waiting.iter().any(|one| one.id == *id));
            let (now, fresh) = (Instant::now(), self.pipelines.fresh());
            let is_due = |one: &Environment| {
                let at = next.get(&one.id).is_none_or(|next| next.at <= now);
                at || fresh.contains(&one.revision.commit)
            };
            let due: Vec<Environment> = waiting.into_iter().filter(is_due).collect();
            let ids: Vec<Id> = due.iter().map(|one| one.id).collect();
            iter(due)
                .for_each_concurrent(AT_ONCE, |one| self.look_for_images(one))
                .await;
            for id in ids {
                let pause = next.get(&id).map_or(SHORTEST, |next| next.pause);
                let at = Instant::now() + pause;
                let pause = (pause * 2).min(LONGEST);
                next.insert(id, Next { at, pause });
            }
            // Whoever has just been pushed need not wait for the rest.
            let _ = tokio::time::timeout(TICK, self.pipelines.heard.notified()).await;
        }
    }

    /// Those that wait for images.
    fn waiting(&self) -> Vec<Environment> {
        self.keeper.look(|known| {
            let queued = known.inventory.of_phase(Phase::Queued);
            let waiting = queued.filter(|one| one.images.awaited().is_some());
            waiting.cloned().collect()
        })
    }

    async fn look_for_images(&self, one: Environment) {
        let found = match self.environments.lacks(&one).await {
            None => Images::There,
            Some(why) => Images::Awaited(Awaited {
                why,
                failed: self.pipelines.failed(&one.revision.commit),
            }),
        };
        if found == one.images {
            return;
        }
        let said = match &found {
            Images::Awaited(awaited) => {
                let page = awaited.page().map(|page| format!(": {page}"));
                format!(
                    "it waits for {}{}",
                    awaited.text(),
                    page.unwrap_or_default()
                )
            }
            _ => "its images are there".to_owned(),
        };
        self.logs.append(&one.id, Part::Prepare, &said);
        // One that is not there any more waits for nothing; one that cannot be written down is looked at again.
        let _ = self
            .keeper
            .ask(&one.id, Event::Images(found), "boatyard")
            .await;
    }
}
