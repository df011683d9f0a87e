//! What forges have to be told.

use std::collections::BTreeMap;
use std::time::Instant;

use boatyard_preview::config::Config;
use boatyard_preview::decide::queue::order;
use boatyard_preview::environment::Environment;
use boatyard_preview::id::Id;
use boatyard_preview::report::{Comment, Seen, Status, comment, gone, status};
use boatyard_preview::revision::{Place, Subject};

use crate::journal::{About, Record};
use crate::keeper::Known;

/// Something that a forge has to be told.
pub(super) struct Due {
    pub about: About,
    pub what: What,
    /// Of what is told.
    pub key: String,
}

pub(super) enum What {
    /// The status of that commit.
    Status(String, Status),
    /// The comment on that pull request, which has that number if there is one.
    Comment(u64, Option<u64>, Comment),
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

/// All that forges have to be told, so that they know how it is.
pub(super) fn due(known: &Known, config: &Config, told: &Told) -> Vec<Due> {
    let queue = order(&known.policy, known.inventory.all());
    let turns: BTreeMap<&Id, usize> = queue
        .iter()
        .zip(1..)
        .map(|(one, turn)| (&one.id, turn))
        .collect();
    let turn = |one: &Environment| turns.get(&one.id).map(|turn| (*turn, queue.len()));
    let mut places: BTreeMap<&Place, Vec<&Environment>> = BTreeMap::new();
    for one in known.inventory.all() {
        places.entry(&one.revision.place).or_default().push(one);
    }
    let mut all = Vec::new();
    for (place, environments) in &places {
        if config.watched(&place.repository).is_none() {
            continue;
        }
        let rows: Vec<Seen<'_>> = environments
            .iter()
            .map(|one| Seen {
                one,
                turn: turn(one),
                links: config.links(one),
            })
            .collect();
        for seen in &rows {
            all.extend(status(seen).map(|status| of_status(place, seen.one, status)));
        }
        all.extend(comment(&rows).and_then(|comment| of_comment(place, comment, told)));
    }
    let is_there = |about: &About| {
        let environments = places.get(&about.place);
        environments.is_some_and(|all| match &about.commit {
            Some(commit) => all.iter().any(|one| one.revision.commit == *commit),
            None => true,
        })
    };
    for about in told.told.keys().filter(|about| !is_there(about)) {
        let is_watched = config.watched(&about.place.repository).is_some();
        let due = if about.commit.is_none() && is_watched {
            of_comment(&about.place, gone(), told)
        } else {
            None
        };
        all.push(due.unwrap_or_else(|| Due {
            about: about.clone(),
            what: What::Forget,
            key: String::new(),
        }));
    }
    all.retain(|due| told.is_due(&due.about, &due.key));
    all
}

fn of_status(place: &Place, one: &Environment, status: Status) -> Due {
    let commit = one.revision.commit.clone();
    Due {
        about: About {
            place: place.clone(),
            commit: Some(commit.clone()),
        },
        key: status.key.clone(),
        what: What::Status(commit, status),
    }
}

/// Branches have no place for comments.
fn of_comment(place: &Place, comment: Comment, told: &Told) -> Option<Due> {
    let Subject::PullRequest(number) = place.subject else {
        return None;
    };
    let about = About {
        place: place.clone(),
        commit: None,
    };
    let known = told.told.get(&about).and_then(|record| record.number);
    Some(Due {
        key: comment.key.clone(),
        what: What::Comment(number, known, comment),
        about,
    })
}
