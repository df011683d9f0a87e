//! Whose turn it is: fair between repositories, first come first served within one.

use std::collections::BTreeMap;

use crate::environment::Environment;
use crate::id::Id;
use crate::phase::Phase;
use crate::policy::Policy;
use crate::revision::Repository;

/// How many turns count in what a repository has had of late.
const RECENT: usize = 32;

/// All that wait for their turn, in the order in which it comes, if nothing else is pushed.
///
/// The repository that has had the least of the last turns goes first, counted in shares: with shares 2 and 1, two of the first
/// go for one of the second. Of equals the one whose first has waited longest.
pub fn order<'a>(
    policy: &Policy,
    all: impl Iterator<Item = &'a Environment> + Clone,
) -> Vec<&'a Environment> {
    let share = |repository: &Repository| {
        let watch = policy.repositories.get(repository);
        u64::from(watch.map_or(1, |watch| watch.share).max(1))
    };
    let mut waiting: BTreeMap<&Repository, Vec<&Environment>> = BTreeMap::new();
    for one in all.clone().filter(|one| one.phase == Phase::Queued) {
        waiting
            .entry(&one.revision.place.repository)
            .or_default()
            .push(one);
    }
    if waiting.is_empty() {
        return Vec::new();
    }
    let mut served = served(all);
    for queue in waiting.values_mut() {
        // The last is the first.
        queue.sort_by_key(|one| std::cmp::Reverse(turn(one)));
    }
    let mut order = Vec::new();
    while let Some(next) = waiting
        .iter()
        .filter_map(|(repository, queue)| Some((*repository, *queue.last()?)))
        .min_by(|(a, first), (b, second)| {
            let [a_served, b_served] = [a, b].map(|one| served.get(one).copied().unwrap_or(0));
            // a_served / share(a) against b_served / share(b)
            (a_served * share(b))
                .cmp(&(b_served * share(a)))
                .then_with(|| turn(first).cmp(&turn(second)))
        })
        .map(|(repository, _)| repository)
    {
        order.extend(waiting.get_mut(next).and_then(Vec::pop));
        *served.entry(next).or_default() += 1;
    }
    order
}

/// How many of the last turns each repository has had; what is still being prepared always counts.
fn served<'a>(all: impl Iterator<Item = &'a Environment>) -> BTreeMap<&'a Repository, u64> {
    let mut turns: Vec<_> = all
        .filter_map(|one| Some((one.phase == Phase::Preparing, one.turn?, one)))
        .collect();
    turns.sort_by_key(|(prepares, turn, _)| std::cmp::Reverse((*prepares, *turn)));
    let busy = turns.iter().filter(|(prepares, ..)| *prepares).count();
    let mut served = BTreeMap::new();
    for (_, _, one) in turns.iter().take(busy.max(RECENT)) {
        *served.entry(&one.revision.place.repository).or_default() += 1;
    }
    served
}

/// What somebody waits for before what nobody does, then by age.
fn turn(one: &Environment) -> (bool, crate::time::Time, &Id) {
    (one.asked.is_none(), one.since, &one.id)
}
