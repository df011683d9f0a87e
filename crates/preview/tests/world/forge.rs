//! A forge with a few subjects, which does not always say what is true.

use std::collections::BTreeMap;

use boatyard_preview::inventory::Inventory;
use boatyard_preview::revision::{Place, Repository, Subject};
use boatyard_preview::wanted::{Head, Listing, Wanted};

/// How it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// As it is; what is missing in the list was asked for by itself.
    Well,
    /// Not at all.
    Silent,
    /// With an empty list, and not at all for single subjects.
    Empty,
    /// With every other subject, and not at all for single ones.
    Partial,
}

pub struct Forge {
    places: Vec<Place>,
    heads: BTreeMap<Place, Head>,
    /// Whether the commit of each push may be run without asking, the first first.
    trusted: Vec<bool>,
    pub mood: Mood,
}

pub fn head(commit: &str) -> Head {
    Head {
        commit: commit.to_owned(),
        is_trusted: true,
        is_draft: false,
        source: None,
    }
}

/// What is said of these, and of no others.
pub fn listed(heads: impl IntoIterator<Item = (Place, Head)>) -> Wanted {
    let mut wanted = Wanted::new();
    for (place, head) in heads {
        let listing = wanted.entry(place.repository).or_default();
        listing.open.insert(place.subject, head);
    }
    wanted
}

impl Forge {
    /// Two repositories of four subjects each, all of them closed.
    pub fn new() -> Self {
        let repository = |name: &str| Repository {
            forge: "git.example.org".to_owned(),
            name: name.to_owned(),
        };
        let subjects = [
            Subject::Branch("main".to_owned()),
            Subject::Branch("feature/x".to_owned()),
            Subject::PullRequest(1),
            Subject::PullRequest(2),
        ];
        let places = ["acme/shop", "acme/blog"].into_iter().flat_map(|name| {
            subjects.clone().map(|subject| Place {
                repository: repository(name),
                subject,
            })
        });
        Self {
            places: places.collect(),
            heads: BTreeMap::new(),
            trusted: Vec::new(),
            mood: Mood::Well,
        }
    }

    pub fn repositories(&self) -> impl Iterator<Item = Repository> {
        [&self.places[0], &self.places[4]]
            .map(|place| place.repository.clone())
            .into_iter()
    }

    pub fn place(&self, at: usize) -> Place {
        self.places[at].clone()
    }

    pub fn push(&mut self, at: usize, is_trusted: bool) {
        self.trusted.push(is_trusted);
        let head = Head {
            is_trusted,
            ..head(&self.trusted.len().to_string())
        };
        self.heads.insert(self.place(at), head);
    }

    pub fn close(&mut self, at: usize) {
        self.heads.remove(&self.places[at]);
    }

    /// Whether that commit may be run without asking.
    pub fn is_trusted(&self, commit: &str) -> bool {
        self.trusted[commit.parse::<usize>().expect("its number") - 1]
    }

    pub fn heads(&self) -> BTreeMap<Place, Head> {
        self.heads.clone()
    }

    /// What it says, to somebody who asks for what he knows and does not find in the list.
    pub fn wanted(&self, inventory: &Inventory) -> Wanted {
        let heads = self.heads.clone().into_iter();
        match self.mood {
            Mood::Silent => Wanted::new(),
            Mood::Empty => self
                .repositories()
                .map(|one| (one, Listing::default()))
                .collect(),
            Mood::Partial => listed(heads.step_by(2)),
            Mood::Well => {
                let mut wanted = listed(heads);
                for one in inventory
                    .all()
                    .filter(|one| !self.heads.contains_key(&one.revision.place))
                {
                    let place = &one.revision.place;
                    let listing = wanted.entry(place.repository.clone()).or_default();
                    listing.closed.insert(place.subject.clone());
                }
                wanted
            }
        }
    }
}
