//! Which branches pull requests bring: who sees a branch as a pull request does not need to see it twice.

use std::collections::{BTreeMap, BTreeSet};

use crate::revision::{Place, Repository, Subject};
use crate::wanted::Wanted;

/// The pull requests that bring a branch of the same repository.
#[derive(Clone, Debug, Default)]
pub(super) struct Sources(BTreeMap<Repository, Source>);

#[derive(Clone, Debug, Default)]
struct Source {
    /// What each brings.
    branch: BTreeMap<u64, String>,
    /// Who brings that branch.
    numbers: BTreeMap<String, BTreeSet<u64>>,
}

impl Sources {
    /// Takes in what is said of the pull requests among `places`, and adds the branches that they bring or brought.
    pub fn follow(&mut self, places: &mut BTreeSet<Place>, wanted: &Wanted) {
        let mut branches = Vec::new();
        for place in places.iter() {
            let Subject::PullRequest(number) = place.subject else {
                continue;
            };
            let listing = wanted.get(&place.repository);
            let head = listing.and_then(|listing| listing.open.get(&place.subject));
            let brings = head.and_then(|head| head.source.as_ref());
            let brought = self.set(&place.repository, number, brings);
            let both = brought.into_iter().chain(brings.cloned());
            branches.extend(both.map(|branch| Place {
                repository: place.repository.clone(),
                subject: Subject::Branch(branch),
            }));
        }
        places.extend(branches);
    }

    /// Pull requests that bring that branch, the lowest number first.
    pub fn of(&self, repository: &Repository, branch: &str) -> impl Iterator<Item = u64> {
        let source = self.0.get(repository);
        let numbers = source.and_then(|source| source.numbers.get(branch));
        numbers.into_iter().flatten().copied()
    }

    /// That pull request brings that branch from now on; what it brought before.
    fn set(
        &mut self,
        repository: &Repository,
        number: u64,
        brings: Option<&String>,
    ) -> Option<String> {
        if brings.is_none() && !self.0.contains_key(repository) {
            return None;
        }
        let source = self.0.entry(repository.clone()).or_default();
        let before = match brings {
            Some(branch) => source.branch.insert(number, branch.clone()),
            None => source.branch.remove(&number),
        };
        if let Some(before) = &before
            && let Some(numbers) = source.numbers.get_mut(before)
        {
            numbers.remove(&number);
            if numbers.is_empty() {
                source.numbers.remove(before);
            }
        }
        if let Some(branch) = brings {
            let numbers = source.numbers.entry(branch.clone()).or_default();
            numbers.insert(number);
        }
        before
    }
}
