//! What forges have to be told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use boatyard_preview::config::{Config, Reports};
use boatyard_preview::decide::queue::order;
use boatyard_preview::environment::Environment;
use boatyard_preview::id::Id;
use boatyard_preview::report::{
    Comment, Deployment, End, Seen, Status, comment, contexts, deployment, environment, gone,
    is_deployed, last_status, status,
};
use boatyard_preview::revision::{Place, Repository, Subject};

use crate::journal::{About, Record, Standing};
use crate::keeper::Known;

/// Something that a forge has to be told.
pub(super) struct Due {
    pub about: About,
    pub what: What,
    /// Of what is told.
    pub key: String,
}

pub(super) enum What {
    /// The status of a commit, which shows that place.
    Status(Place, Status),
    /// The last status of a commit that nothing shows any more.
    LastStatus(Status),
    /// The comment on the pull request of that number, which has that number itself if there is one.
    Comment(u64, Option<u64>, Comment),
    /// Where a commit can be seen, and the number of that deployment if there is one.
    Deployment(Option<u64>, Deployment),
    /// The deployment of that number shows nothing any more; whether nothing else is in its place.
    EndOfDeployment(u64, bool),
    /// There is nothing to tell any more: that something was told is forgotten.
    Forget,
}

/// What forges were told, and what they would not take.
pub(super) struct Told {
    told: BTreeMap<About, Record>,
    refused: BTreeMap<About, (String, Instant)>,
}

impl Told {
    pub fn new(told: BTreeMap<About, Record>) -> Self {
        Self {
            told,
            refused: BTreeMap::new(),
        }
    }

    pub fn told(&mut self, about: About, record: Option<Record>) {
        self.refused.remove(&about);
        match record {
            Some(record) => self.told.insert(about, record),
            None => self.told.remove(&about),
        };
    }

    pub fn refused(&mut self, about: About, key: String, until: Instant) {
        self.refused.insert(about, (key, until));
    }

    /// Whether there is something that a forge does not take.
    pub fn has_refused(&self) -> bool {
        !self.refused.is_empty()
    }

    /// What was refused until `now` may be taken again.
    pub fn try_again(&mut self, now: Instant) {
        self.refused.retain(|_, (_, until)| *until > now);
    }

    fn is_due(&self, about: &About, key: &str) -> bool {
        let is_told = self.told.get(about).is_some_and(|record| record.key == key);
        let refused = self.refused.get(about);
        let is_refused = refused.is_some_and(|(refused, _)| refused == key);
        !is_told && !is_refused
    }
}

/// All environments at a moment, and the place in the queue of each that waits.
pub(super) struct Picture {
    all: Vec<(Arc<Environment>, Option<usize>)>,
    waiting: usize,
}

impl Picture {
    /// As it is now. Nobody has to wait while it is worked out what forges have to be told of it.
    pub fn of(known: &Known) -> Self {
        let turns: BTreeMap<Id, usize> = order(&known.policy, &known.inventory)
            .zip(1..)
            .map(|(one, turn)| (one.id, turn))
            .collect();
        let all = known.inventory.shared();
        Self {
            all: all
                .map(|one| (Arc::clone(one), turns.get(&one.id).copied()))
                .collect(),
            waiting: turns.len(),
        }
    }
}

/// All that forges have to be told, so that they know how it is.
pub(super) fn due(picture: &Picture, config: &Config, told: &Told) -> Vec<Due> {
    let places = places(picture, config);
    // None: what was told before holds.
    let mut meant: BTreeMap<About, Option<Due>> = BTreeMap::new();
    for (about, due) in statuses(&places) {
        meant.insert(about, due);
    }
    for (place, all) in &places {
        let about = About::Comment((*place).clone());
        let due = comment(all).and_then(|comment| of_comment(place, comment, told));
        meant.insert(about, due);
    }
    let deployed = deployments(&places, config, told);
    let is_shown =
        |about: &About, due: &Option<Due>| due.is_some() || told.told.contains_key(about);
    let shown = deployed
        .iter()
        .filter(|(_, about, due)| is_shown(about, due));
    let shown: BTreeSet<&Place> = shown.map(|(place, ..)| *place).collect();
    meant.extend(deployed.iter().map(|(_, about, _)| (about.clone(), None)));
    let ends = told
        .told
        .iter()
        .filter(|(about, _)| !meant.contains_key(about))
        .map(|(about, record)| match about {
            About::Deployment { place, .. } => {
                end_of_deployment(about, record, config, !shown.contains(place))
            }
            _ => end(about, record, &places, config, told),
        })
        .collect::<Vec<_>>();
    let deployed = deployed.into_iter().filter_map(|(.., due)| due);
    let meant = meant.into_values().flatten().chain(deployed);
    let mut all: Vec<Due> = meant.chain(ends).collect();
    all.retain(|due| told.is_due(&due.about, &due.key));
    all
}

/// The environments of every place that is watched.
fn places<'a>(picture: &'a Picture, config: &Config) -> BTreeMap<&'a Place, Vec<Seen<'a>>> {
    let mut places: BTreeMap<&Place, Vec<Seen<'_>>> = BTreeMap::new();
    for (one, turn) in &picture.all {
        let place = &one.revision.place;
        if config.watched(&place.repository).is_some() {
            places.entry(place).or_default().push(Seen {
                one,
                turn: turn.map(|turn| (turn, picture.waiting)),
                links: config.links(one),
            });
        }
    }
    places
}

/// The statuses of every commit that is shown.
fn statuses(places: &BTreeMap<&Place, Vec<Seen<'_>>>) -> Vec<(About, Option<Due>)> {
    let mut commits: BTreeMap<(&Repository, &str), Vec<&Seen<'_>>> = BTreeMap::new();
    for seen in places.values().flatten() {
        let revision = &seen.one.revision;
        let commit = (&revision.place.repository, revision.commit.as_str());
        commits.entry(commit).or_default().push(seen);
    }
    let mut all = Vec::new();
    for ((repository, commit), shown) in commits {
        for (context, seen) in contexts(&shown) {
            let about = About::Status {
                repository: repository.clone(),
                commit: commit.to_owned(),
                context,
            };
            let due = status(seen).map(|status| Due {
                about: about.clone(),
                key: format!("{} {}", status.key, status.url),
                what: What::Status(seen.one.revision.place.clone(), status),
            });
            all.push((about, due));
        }
    }
    all
}

/// Branches have no place for comments.
fn of_comment(place: &Place, comment: Comment, told: &Told) -> Option<Due> {
    let Subject::PullRequest(number) = place.subject else {
        return None;
    };
    let about = About::Comment(place.clone());
    let known = told.told.get(&about).and_then(|record| record.number);
    Some(Due {
        key: comment.key.clone(),
        what: What::Comment(number, known, comment),
        about,
    })
}

/// Where every commit can be seen, on forges that show it.
fn deployments<'a>(
    places: &BTreeMap<&'a Place, Vec<Seen<'_>>>,
    config: &Config,
    told: &Told,
) -> Vec<(&'a Place, About, Option<Due>)> {
    let mut all = Vec::new();
    for (place, shown) in places {
        if !has_deployments(config, &place.repository) {
            continue;
        }
        // What is made by another recipe shows the same commit in the same place: the newest counts.
        let mut commits: BTreeMap<&str, &Seen<'_>> = BTreeMap::new();
        for seen in shown.iter().filter(|seen| is_deployed(seen)) {
            let one = commits.entry(&seen.one.revision.commit).or_insert(seen);
            if (seen.one.created, seen.one.id) > (one.one.created, one.one.id) {
                *one = seen;
            }
        }
        for (commit, seen) in commits {
            let about = About::Deployment {
                place: (*place).clone(),
                commit: commit.to_owned(),
                environment: environment(&seen.one.revision),
            };
            let known = told.told.get(&about).and_then(|record| record.number);
            let due = deployment(seen).map(|deployment| Due {
                about: about.clone(),
                key: deployment.key.clone(),
                what: What::Deployment(known, deployment),
            });
            all.push((*place, about, due));
        }
    }
    all
}

fn has_deployments(config: &Config, repository: &Repository) -> bool {
    let mut forges = config.forges.values();
    let forge = forges.find(|forge| forge.name() == repository.forge);
    forge.is_some_and(|forge| forge.reports == Reports::Deployments)
}

fn end_of_deployment(about: &About, record: &Record, config: &Config, is_last: bool) -> Due {
    let repository = about.repository();
    let is_told = config.watched(repository).is_some() && has_deployments(config, repository);
    let number = record.number.filter(|_| is_told);
    Due {
        about: about.clone(),
        what: number.map_or(What::Forget, |number| {
            What::EndOfDeployment(number, is_last)
        }),
        key: "gone".to_owned(),
    }
}

/// What is told last of something that is not there any more.
fn end(
    about: &About,
    record: &Record,
    places: &BTreeMap<&Place, Vec<Seen<'_>>>,
    config: &Config,
    told: &Told,
) -> Due {
    let is_watched = config.watched(about.repository()).is_some();
    let due = match (about, &record.last) {
        _ if !is_watched => None,
        (About::Comment(place), _) => of_comment(place, gone(), told),
        (About::Status { commit, .. }, Some(Standing { place, state })) => {
            let end = match places.get(place) {
                None => End::Gone,
                Some(all) if all.iter().any(|seen| seen.one.revision.commit == *commit) => {
                    End::Renamed
                }
                Some(_) => End::Replaced,
            };
            let status = last_status(*state, end, config.url());
            Some(Due {
                about: about.clone(),
                key: status.key.clone(),
                what: What::LastStatus(status),
            })
        }
        (About::Status { .. }, None) | (About::Deployment { .. }, _) => None,
    };
    due.unwrap_or_else(|| Due {
        about: about.clone(),
        what: What::Forget,
        key: String::new(),
    })
}
