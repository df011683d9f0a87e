//! Builds that runboat has made, taken over as they are.

use std::collections::BTreeMap;
use std::sync::Arc;

use boatyard_cluster::Refusal;
use boatyard_cluster::kubefiles::Commit;
use boatyard_cluster::runboat::{Init, Installed, There, list};
use boatyard_preview::environment::{Environment, Leaving};
use boatyard_preview::id::Id;
use boatyard_preview::phase::Phase;
use boatyard_preview::revision::Revision;
use boatyard_preview::time::Time;
use futures_util::stream::iter;
use futures_util::{StreamExt as _, TryStreamExt as _};

use crate::cluster::realm::Realm;
use crate::logs::now;

/// How many builds are written on at once.
const AT_ONCE: usize = 16;

impl Realm {
    /// Takes over the builds of watched repositories that runboat has made and that are nobody's yet: writes whose they are, and nothing
    /// else. Those of other repositories are left as they are, and so is all but one of several builds of one commit.
    pub(in crate::cluster) async fn adopt(&self) -> Result<Vec<Environment>, Refusal> {
        let Some(namespace) = self.shared().filter(|_| self.adopts()) else {
            return Ok(Vec::new());
        };
        let cluster = self.terms.cluster.within(namespace);
        let all = list(&cluster, None).await?;
        let ours = chosen(&all, &self.terms.wanted, Time(now()));
        let marked = iter(ours.into_iter().map(|(one, there)| {
            let (at, mark) = (Installed::of(&cluster, there), self.mark(&one));
            async move { Ok(at.mark(&mark).await?.then_some(one)) }
        }))
        .buffer_unordered(AT_ONCE);
        let adopted: Vec<Option<Environment>> = marked.try_collect().await?;
        Ok(adopted.into_iter().flatten().collect())
    }

    fn adopts(&self) -> bool {
        self.terms
            .config
            .builds
            .as_ref()
            .is_some_and(|builds| builds.adopt)
    }
}

/// What a build is of, by the words of its annotations, if that is watched: the revision, and by which recipe it is made.
pub type Wanted = Arc<dyn Fn(&Commit) -> Option<(Revision, String)> + Send + Sync>;

/// Which builds are taken over, as which environments.
fn chosen<'a>(all: &'a [There], wanted: &Wanted, now: Time) -> Vec<(Environment, &'a There)> {
    let ours = |there: &There| there.server.is_some();
    let taken: Vec<&String> = all
        .iter()
        .filter(|there| ours(there))
        .filter_map(|there| there.environment.as_ref())
        .collect();
    let mut best: BTreeMap<Id, (Environment, &There)> = BTreeMap::new();
    // What one of us has left half made has nobody's labels either, and may be a stranger's.
    let free = |there: &&There| !ours(there) && there.is_runboats;
    for there in all.iter().filter(free) {
        let Some((revision, recipe)) = wanted(&there.commit) else {
            continue;
        };
        let id = Id::of(&revision, &recipe);
        if taken.iter().any(|known| **known == id.as_str()) {
            continue;
        }
        let worth = |there: &There| {
            (
                !there.is_going,
                there.init == Some(Init::Succeeded),
                there.replicas > 0,
                there.created,
            )
        };
        if best
            .get(&id)
            .is_none_or(|(_, known)| worth(known) < worth(there))
        {
            best.insert(id, (taken_over(id, revision, recipe, there, now), there));
        }
    }
    best.into_values().collect()
}

/// The environment that a build is.
fn taken_over(id: Id, revision: Revision, recipe: String, there: &There, now: Time) -> Environment {
    // It was made with secrets, whoever has pushed it: without them its next start would take them away.
    let mut one = Environment {
        recipe,
        is_trusted: true,
        created: Time(there.created),
        ..Environment::new(id, revision, true, now)
    };
    one.phase = match there.init {
        _ if there.is_going => {
            one.leaving = Some(Leaving::ForGood);
            Phase::Removing
        }
        None | Some(Init::Todo) => Phase::Queued,
        Some(Init::Started) => {
            one.turn = Some(now);
            Phase::Preparing
        }
        Some(Init::Succeeded) => {
            (one.is_prepared, one.is_good) = (true, true);
            if there.replicas > 0 {
                Phase::Running
            } else {
                Phase::Asleep
            }
        }
        Some(Init::Failed) => {
            one.failures = 1;
            one.reason = Some(
                "its initialisation had failed when it was taken over from runboat".to_owned(),
            );
            Phase::Failed
        }
    };
    one
}

#[cfg(test)]
mod tests {
    use boatyard_preview::revision::{Place, Repository, Subject};

    use super::*;

    fn there(build: &str, commit: &str, init: Option<Init>, replicas: i32) -> There {
        There {
            build: build.to_owned(),
            deployment: format!("{build}-odoo"),
            commit: Commit {
                repo: "acme/shop".to_owned(),
                target_branch: "main".to_owned(),
                pr: None,
                git_commit: commit.to_owned(),
            },
            init,
            replicas,
            available: replicas,
            is_going: false,
            created: 7,
            is_runboats: true,
            server: None,
            environment: None,
            record: None,
        }
    }

    #[test]
    fn what_is_taken_over_is_as_it_was() {
        let wanted: Wanted = Arc::new(|commit| {
            let repository = Repository {
                forge: "git.test".to_owned(),
                name: commit.repo.clone(),
            };
            let subject = Subject::Branch(commit.target_branch.clone());
            let place = Place {
                repository,
                subject,
            };
            let revision = Revision {
                place,
                commit: commit.git_commit.clone(),
            };
            (commit.repo == "acme/shop").then(|| (revision, "//kubefiles".to_owned()))
        });
        let mut going = there("e", "5", Some(Init::Succeeded), 1);
        going.is_going = true;
        let mut foreign = there("f", "6", Some(Init::Succeeded), 1);
        foreign.commit.repo = "acme/other".to_owned();
        let mut kept = there("g", "7", Some(Init::Succeeded), 1);
        kept.server = Some("another".to_owned());
        let mut left = there("j", "9", Some(Init::Todo), 0);
        left.is_runboats = false;
        let all = [
            there("a", "1", Some(Init::Succeeded), 1),
            there("b", "2", Some(Init::Succeeded), 0),
            there("c", "3", Some(Init::Failed), 0),
            there("d", "4", Some(Init::Started), 0),
            going,
            foreign,
            kept,
            left,
            // Two builds of one commit: the one that runs.
            there("h", "8", Some(Init::Todo), 0),
            there("i", "8", Some(Init::Succeeded), 1),
        ];
        let mut found: Vec<(String, Phase)> = chosen(&all, &wanted, Time(9))
            .into_iter()
            .map(|(one, there)| (there.build.clone(), one.phase))
            .collect();
        found.sort();
        let expected = [
            ("a", Phase::Running),
            ("b", Phase::Asleep),
            ("c", Phase::Failed),
            ("d", Phase::Preparing),
            ("e", Phase::Removing),
            ("i", Phase::Running),
        ];
        assert_eq!(
            found,
            expected.map(|(build, phase)| (build.to_owned(), phase))
        );
    }
}
