//! Whose turn it is, by two readings of the rule.

use std::collections::BTreeMap;

use boatyard_preview::decide::queue;
use boatyard_preview::environment::Environment;
use boatyard_preview::id::Id;
use boatyard_preview::inventory::Inventory;
use boatyard_preview::phase::Phase;
use boatyard_preview::policy::Policy;
use boatyard_preview::revision::{Place, Repository, Revision, Subject};
use boatyard_preview::time::Time;
use boatyard_preview::watch::Watch;
use proptest::prelude::*;

fn repository(number: u8) -> Repository {
    Repository {
        forge: "git.example.org".to_owned(),
        name: format!("acme/r{number}"),
    }
}

fn environment(at: usize, (number, phase, times): (u8, usize, (u64, u64, u64))) -> Environment {
    let place = Place {
        repository: repository(number),
        subject: Subject::PullRequest(at as u64),
    };
    let commit = "c".to_owned();
    let revision = Revision { place, commit };
    let (since, turn, asked) = times;
    Environment {
        phase: Phase::ALL[phase],
        since: Time(since),
        turn: (turn > 1).then_some(Time(turn)),
        asked: (asked == 0).then_some(Time(asked)),
        ..Environment::new(Id::of(&revision, ""), revision, true, Time(0))
    }
}

/// The order, by the words of the documentation: each time all are asked who is next.
fn slowly(policy: &Policy, all: &Inventory) -> Vec<Id> {
    let mut served: BTreeMap<&Repository, u64> = BTreeMap::new();
    let mut turns: Vec<&Environment> = all.all().filter(|one| one.turn.is_some()).collect();
    let prepares = |one: &Environment| one.phase == Phase::Preparing;
    turns.sort_by_key(|one| std::cmp::Reverse((prepares(one), one.turn)));
    let busy = turns.iter().filter(|one| prepares(one)).count();
    for one in turns.into_iter().take(busy.max(32)) {
        *served.entry(&one.revision.place.repository).or_default() += 1;
    }
    let mut waiting: Vec<&Environment> =
        all.all().filter(|one| one.phase == Phase::Queued).collect();
    let mut order = Vec::new();
    while !waiting.is_empty() {
        let next = waiting.iter().enumerate().min_by(|(_, a), (_, b)| {
            let had = |one: &Environment| {
                let repository = &one.revision.place.repository;
                let had = served.get(repository).copied().unwrap_or(0);
                (had, u64::from(policy.repositories[repository].share))
            };
            let ((a_had, a_share), (b_had, b_share)) = (had(a), had(b));
            let turn = |one: &Environment| (one.asked.is_none(), one.since, one.id);
            (a_had * b_share)
                .cmp(&(b_had * a_share))
                .then_with(|| turn(a).cmp(&turn(b)))
        });
        let one = waiting.swap_remove(next.expect("somebody waits").0);
        *served.entry(&one.revision.place.repository).or_default() += 1;
        order.push(one.id);
    }
    order
}

proptest! {
    #[test]
    fn whose_turn_it_is_is_who_the_rule_says(
        rows in prop::collection::vec((0..4_u8, 0..Phase::ALL.len() + 6, (0..6_u64, 0..9_u64, 0..4_u64)), 0..60),
        shares in prop::array::uniform4(1..4_u32),
    ) {
        // Most of them wait.
        let queued = Phase::ALL.iter().position(|phase| *phase == Phase::Queued).expect("it is one");
        let rows = rows.into_iter().map(|(number, phase, times)| {
            (number, if phase < Phase::ALL.len() { phase } else { queued }, times)
        });
        let all: Inventory = rows.enumerate().map(|(at, row)| environment(at, row)).collect();
        let watched = (0..).zip(shares).map(|(number, share)| (repository(number), Watch { share, ..Watch::default() }));
        let policy = Policy { repositories: watched.collect(), ..Policy::default() };
        let found: Vec<Id> = queue::order(&policy, &all).map(|one| one.id).collect();
        prop_assert_eq!(found, slowly(&policy, &all));
    }
}
