//! Environments that somebody looks for, in portions.

use boatyard_preview::config::Scope;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use boatyard_preview::environment::Environment;
use boatyard_preview::id::Id;
use boatyard_preview::news::About;
use boatyard_preview::phase::Phase;
use boatyard_preview::revision::{Place, Subject};
use boatyard_preview::time::Time;
use serde::{Deserialize, Serialize};

use super::access::Caller;
use super::card::Card;
use super::settings::Settings;
use crate::keeper::Known;

/// Environments in a portion, if nobody says otherwise, and at most.
const PORTION: usize = 100;
const MOST: usize = 500;

/// What somebody looks for, as it stands in addresses. What is empty counts as not said: forms send that.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Asked {
    /// `github.com/acme/shop`, or without the forge.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub repository: String,
    /// A branch.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub branch: String,
    /// The number of a pull request.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub pull_request: String,
    /// The name of a phase.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub phase: String,
    /// Words that are all somewhere in what people see of it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// Where the last portion ended.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cursor: String,
    /// Environments in a portion.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub limit: String,
}

/// What somebody looks for.
#[derive(Clone, Debug, Default)]
pub struct Search {
    repository: Option<String>,
    subject: Option<Subject>,
    phase: Option<Phase>,
    words: Vec<String>,
    after: Option<Key>,
    limit: usize,
}

/// Where an environment stands in the list: by repository, by branch or pull request, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Key(Place, Reverse<Time>, Id);

/// A portion.
#[derive(Clone, Debug, Serialize)]
pub struct Found {
    /// The environments.
    pub environments: Vec<Card>,
    /// What the next portion begins after; none: this was the last.
    pub cursor: Option<String>,
    /// How many there are in all portions.
    pub total: usize,
    /// How many there would be in each phase, whichever phase is looked for.
    pub phases: BTreeMap<&'static str, usize>,
    /// The number of the last change that is in this: follow from there.
    pub last: u64,
}

impl Asked {
    /// What is meant.
    ///
    /// # Errors
    /// What is wrong with it, for people.
    pub fn read(&self) -> Result<Search, String> {
        let said = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let pull_request = said(&self.pull_request).map(|text| {
            let number = text.trim_start_matches('#').parse();
            number.map_err(|_| format!("\"{text}\" is no number of a pull request"))
        });
        let phase = said(&self.phase).map(|text| {
            let all = Phase::ALL.map(Phase::name).join(", ");
            Phase::named(&text).ok_or(format!("\"{text}\" is no phase: they are {all}"))
        });
        let limit = said(&self.limit).map(|text| {
            let limit = text.parse().ok().filter(|limit| (1..=MOST).contains(limit));
            limit.ok_or(format!(
                "the limit is \"{text}\": expected a number from 1 to {MOST}"
            ))
        });
        let after = said(&self.cursor).map(|text| {
            Key::read(&text).ok_or_else(|| "the cursor is not one that was given here".to_owned())
        });
        let subject = match (said(&self.branch), pull_request.transpose()?) {
            (Some(_), Some(_)) => {
                return Err("a branch and a pull request: ask for one of them".to_owned());
            }
            (branch, number) => branch
                .map(Subject::Branch)
                .or(number.map(Subject::PullRequest)),
        };
        let words = self.text.to_lowercase();
        Ok(Search {
            repository: said(&self.repository).map(|name| name.to_lowercase()),
            subject,
            phase: phase.transpose()?,
            words: words.split_whitespace().map(str::to_owned).collect(),
            after: after.transpose()?,
            limit: limit.transpose()?.unwrap_or(PORTION),
        })
    }
}

impl Search {
    /// The environments that `caller` may see and looks for. `last`: the number of the last change before `known` was read.
    pub fn find(&self, known: &Known, caller: &Caller, settings: &Settings, last: u64) -> Found {
        self.find_all(known, caller, settings, last).0
    }

    /// The same, with the environments themselves.
    pub fn find_all(
        &self,
        known: &Known,
        caller: &Caller,
        settings: &Settings,
        last: u64,
    ) -> (Found, Vec<Environment>) {
        let mut phases = BTreeMap::new();
        let mut found = Vec::new();
        for one in known.inventory.all() {
            let about = known.abouts.get(&one.revision.place);
            if !caller.may_in(Scope::Read, &one.revision.place.repository)
                || !self.is_any_phase(one, about)
            {
                continue;
            }
            *phases.entry(one.phase.name()).or_default() += 1;
            if self.phase.is_none_or(|phase| phase == one.phase) {
                found.push(one);
            }
        }
        let total = found.len();
        if let Some(Key(place, created, id)) = &self.after {
            let after = (place, *created, id);
            found.retain(|one| key(one) > after);
        }
        let is_more = found.len() > self.limit;
        if is_more {
            // Only what is shown is sorted.
            found.select_nth_unstable_by(self.limit - 1, |a, b| key(a).cmp(&key(b)));
            found.truncate(self.limit);
        }
        found.sort_unstable_by(|a, b| key(a).cmp(&key(b)));
        let cursor = found
            .last()
            .filter(|_| is_more)
            .map(|one| Key::of(one).text());
        let card =
            |one: &&Environment| Card::of(one, known.abouts.get(&one.revision.place), settings);
        let environments = found.iter().map(card).collect();
        let found = found.into_iter().cloned().collect();
        (
            Found {
                environments,
                cursor,
                total,
                phases,
                last,
            },
            found,
        )
    }

    /// Whether this is one of those that are looked for.
    pub fn is(&self, one: &Environment, about: Option<&About>) -> bool {
        self.phase.is_none_or(|phase| phase == one.phase) && self.is_any_phase(one, about)
    }

    fn is_any_phase(&self, one: &Environment, about: Option<&About>) -> bool {
        let place = &one.revision.place;
        let repository = self.repository.as_ref().is_none_or(|wanted| {
            *wanted == place.repository.name.to_lowercase()
                || *wanted == place.repository.to_string().to_lowercase()
        });
        repository
            && self
                .subject
                .as_ref()
                .is_none_or(|subject| *subject == place.subject)
            && (self.words.is_empty() || {
                let text = text(one, about);
                self.words.iter().all(|word| text.contains(word.as_str()))
            })
    }
}

/// What is searched for words.
fn text(one: &Environment, about: Option<&About>) -> String {
    let mut text = format!("{} {} {}", one.revision.place, one.revision.commit, one.id);
    if let Some(about) = about {
        text.extend([" ", &about.title, " ", &about.author]);
    }
    text.to_lowercase()
}

fn key(one: &Environment) -> (&Place, Reverse<Time>, &Id) {
    (&one.revision.place, Reverse(one.created), &one.id)
}

impl Key {
    fn of(one: &Environment) -> Self {
        Self(one.revision.place.clone(), Reverse(one.created), one.id)
    }

    /// In hexadecimal digits, which need no quoting anywhere.
    fn text(&self) -> String {
        let bytes = serde_json::to_vec(self).unwrap_or_default();
        bytes.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    fn read(text: &str) -> Option<Self> {
        let digits = text.as_bytes().chunks(2);
        let bytes: Option<Vec<u8>> = digits
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
            .collect();
        serde_json::from_slice(&bytes?).ok()
    }
}
