//! What is there and in nobody's records, and what is recorded and not there.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use boatyard_cluster::namespace::{self, Found, list, note};
use boatyard_preview::config::is_of_kubefiles;
use boatyard_preview::environment::Environment;
use boatyard_preview::id::Id;
use boatyard_preview::inventory::Records;
use boatyard_preview::phase::Phase;

use super::realm::Realm;
use super::record::{Unread, read, written};
use crate::causes::in_one_line;
use crate::lane::Stop;
use crate::logs::Part;
use crate::site::COPY;

/// What a sweep has found.
#[derive(Debug, Default)]
pub struct Swept {
    /// What was done, and what could not be.
    pub said: Vec<String>,
    /// Environments that are to be there by their records, and have no namespace.
    pub lost: Vec<Id>,
}

impl Realm {
    pub(super) async fn sweep(&self, keep_logs: Duration, known: impl Fn() -> Records) -> Swept {
        let stop = Stop::new();
        let cluster = &self.terms.cluster;
        let folders = self.site.folders();
        let mut copies = Vec::new();
        for home in self.site.homes() {
            let imaged = self.site.imaged(&home, &stop).await.into_iter();
            copies.extend(imaged.map(|copy| (home.clone(), copy)));
        }
        // Listed before it is asked what is known: nothing that has just begun is taken for left over.
        let before = known();
        let found = list(cluster, self.server()).await;
        let installed = self.installed_all().await;
        let awake = namespace::awake(cluster).await;
        let recorded = known();
        let mut swept = Swept::default();
        let mut restless = BTreeSet::new();
        match found.and_then(|found| Ok((found, installed?))) {
            Ok((found, installed)) => {
                let all = found.iter().chain(installed.iter().map(|(one, _)| one));
                let there = all.filter(|one| !one.is_going);
                let there = there.map(|one| one.namespace.as_str()).collect();
                swept.lost = lost(&before, &recorded, &there, |id| self.namespace(id));
                for (one, replicas) in installed.iter().filter(|(one, _)| !one.is_going) {
                    if *replicas > 0 {
                        restless.insert(one.namespace.clone());
                    }
                    if !is_as_known(one, &recorded) {
                        swept.said.extend(self.tidy_installed(one, &known).await);
                    }
                }
                for one in found.iter().filter(|one| !one.is_going) {
                    if !is_as_known(one, &recorded) {
                        swept.said.extend(self.tidy(one, &known).await);
                    }
                }
            }
            Err(refusal) => swept.said.push(in_one_line(&refusal)),
        }
        for (home, copy) in copies {
            let id = copy.strip_prefix(COPY).and_then(|id| id.parse().ok());
            if id.is_none_or(|id: Id| !recorded.contains_key(&id)) {
                let disowned = self.disown(&home, &copy, &known, &stop).await;
                swept.said.extend(disowned);
            }
        }
        swept.said.extend(self.site.sweep_templates(&stop).await);
        match awake {
            Ok(awake) => restless.extend(awake),
            Err(refusal) => swept.said.push(in_one_line(&refusal)),
        }
        for one in before.values().filter(|one| is_at_rest(one)) {
            if restless.contains(&self.namespace(&one.id)) {
                swept.said.extend(self.calm(one, &known).await);
            }
        }
        swept.said.extend(self.sweep_images(&known()).await);
        let rest = self.site.tidy(folders, keep_logs, &known(), &stop).await;
        swept.said.extend(rest);
        // One that was started meanwhile was made anew by that.
        let now = known();
        let still = |id: &Id| now.get(id).is_some_and(|one| has_rested(&recorded, one));
        swept.lost.retain(still);
        swept
    }

    /// Puts what is to be asleep to sleep again, if it still is to be.
    async fn calm(&self, one: &Environment, known: impl Fn() -> Records) -> Option<String> {
        let turn = self.site.turn(&one.id);
        // Whoever works at it knows better.
        let _turn = turn.try_lock().ok()?;
        let now = known().remove(&one.id)?;
        if !is_at_rest(&now) || now.attempt != one.attempt {
            return None;
        }
        let name = self.namespace(&one.id);
        let _busy = self.ears.busy(&name);
        let stop = Stop::new();
        let stopped = if is_of_kubefiles(&now.recipe) {
            self.rest(&now, &stop).await
        } else {
            self.stop(&now, &stop).await
        };
        let said = match stopped {
            Ok(()) => format!("put {name} to sleep again: somebody has scaled it up"),
            Err(trouble) => format!("cannot put {name} to sleep: {trouble}"),
        };
        let logs = &self.site.settings.logs;
        logs.append(&one.id, Part::Run, &format!("note: {said}"));
        Some(said)
    }

    /// Removes a namespace that nobody knows; on others the record is written as it is by now.
    async fn tidy(&self, found: &Found, known: impl Fn() -> Records) -> Option<String> {
        let (cluster, name) = (&self.terms.cluster, &found.namespace);
        let id: Option<Id> = found.environment.parse().ok();
        let turn = id.map(|id| self.site.turn(&id));
        let _turn = match &turn {
            // Whoever works at it knows better.
            Some(turn) => Some(turn.try_lock().ok()?),
            None => None,
        };
        // What is known may be another thing since it was found.
        let known = known();
        if is_as_known(found, &known) {
            return None;
        }
        if let Some(one) = id.and_then(|id| known.get(&id)) {
            let noted = note(cluster, name, &written(one)).await;
            return noted.err().map(|refusal| in_one_line(&refusal));
        }
        let there = found.record.as_deref().map(read);
        if matches!(there, Some(Err(Unread::Later(_)))) {
            return Some(format!(
                "{name} is left as it is: a later version of the server keeps it"
            ));
        }
        if let Some(Ok(one)) = there
            && is_of_kubefiles(&one.recipe)
        {
            return Some(self.take_away(&one).await);
        }
        let _busy = self.ears.busy(name);
        Some(match self.raze(name).await {
            Ok(()) => format!("removed the namespace {name}, which nobody knows"),
            Err(error) => {
                let why = in_one_line(&error);
                format!("cannot remove {name}, which nobody knows: {why}")
            }
        })
    }

    /// Removes what a copy has, if still nobody knows it.
    async fn disown(
        &self,
        home: &Path,
        copy: &str,
        known: impl Fn() -> Records,
        stop: &Stop,
    ) -> Option<String> {
        let id: Option<Id> = copy.strip_prefix(COPY).and_then(|id| id.parse().ok());
        let turn = id.map(|id| self.site.turn(&id));
        let _turn = match &turn {
            // Whoever works at it knows better.
            Some(turn) => Some(turn.try_lock().ok()?),
            None => None,
        };
        if id.is_some_and(|id| known().contains_key(&id)) {
            return None;
        }
        Some(self.site.disown(home, copy, stop).await)
    }
}

/// Whether there is nothing to do about what was found: it is known, and what is written on it is right or about to be.
pub(super) fn is_as_known(found: &Found, known: &Records) -> bool {
    let id = found.environment.parse().ok();
    let one = id.and_then(|id: Id| known.get(&id));
    one.is_some_and(|one| {
        // What is under way is written by whoever does it.
        one.phase.effect().is_some() || found.record.as_ref() == Some(&written(one).text)
    })
}

/// Whether it is there and nothing of it is to run.
fn is_at_rest(one: &Environment) -> bool {
    matches!(one.phase, Phase::Asleep | Phase::Failed) && one.leaving.is_none()
}

/// What is to be there, before and after it was looked for, and was not `there`.
fn lost(
    before: &Records,
    after: &Records,
    there: &BTreeSet<&str>,
    name: impl Fn(&Id) -> String,
) -> Vec<Id> {
    let both = after.values().filter(|one| has_rested(before, one));
    let missing = both.filter(|one| !there.contains(name(&one.id).as_str()));
    missing.map(|one| one.id).collect()
}

/// Whether it sleeps, and has slept since it was `before`.
fn has_rested(before: &Records, one: &Environment) -> bool {
    let rests = |one: &Environment| matches!(one.phase, Phase::Asleep) && one.leaving.is_none();
    let was = before.get(&one.id);
    rests(one) && was.is_some_and(|was| rests(was) && was.attempt == one.attempt)
}
