//! Who goes for others, by two readings of the rule.

use boatyard_preview::decide::victims;
use boatyard_preview::environment::{Environment, Leaving};
use boatyard_preview::id::Id;
use boatyard_preview::inventory::Inventory;
use boatyard_preview::phase::Phase;
use boatyard_preview::revision::Revision;
use boatyard_preview::time::Time;
use boatyard_preview::wanted::Wanted;
use proptest::prelude::*;

use super::forge;
use super::life::branch;

fn environment(at: usize, (place, phase, flags, times): (u8, usize, u8, (u8, u8))) -> Environment {
    let revision = Revision {
        place: branch(&format!("b{place}")),
        commit: format!("c{at}"),
    };
    let id = Id::of(&revision, "");
    let is = |bit: u8| flags & 1 << bit != 0;
    Environment {
        phase: Phase::ALL[phase],
        created: Time(times.0.into()),
        used: Time(times.1.into()),
        is_good: is(0),
        is_pinned: is(1) && is(2),
        asked: (is(3) && is(4)).then_some(Time(1)),
        leaving: (is(5) && is(6)).then_some(Leaving::Again),
        ..Environment::new(id, revision, true, Time(0))
    }
}

/// Who may go, by the words of the documentation: failed first, then those that another commit has replaced, then those that
/// sleep; never what runs or is on its way, is pinned or asked for, or is the last good one of its branch.
fn may_go(one: &Environment, all: &Inventory, wanted: &Wanted) -> Option<u8> {
    let head = wanted[&one.revision.place.repository]
        .open
        .get(&one.revision.place.subject);
    let replaced = head.is_some_and(|head| head.commit != one.revision.commit);
    let mut good: Vec<&Environment> = all
        .all()
        .filter(|other| other.revision.place == one.revision.place && other.is_good)
        .filter(|other| {
            other.id == one.id || !matches!(other.leaving, Some(Leaving::ForGood | Leaving::ForNow))
        })
        .collect();
    good.sort_by_key(|other| (other.created, other.id));
    let is_last = good.last().is_some_and(|last| last.id == one.id);
    let is_free = !one.is_pinned && one.asked.is_none() && !one.is_leaving();
    match one.phase {
        _ if !is_free => None,
        Phase::Failed => Some(0),
        Phase::Asleep if replaced => Some(1),
        Phase::Asleep if !is_last => Some(2),
        _ => None,
    }
}

proptest! {
    /// T50. The order in which environments would go is the one of a slow and simple reading of the rule, and nobody else goes.
    #[test]
    fn who_goes_is_who_the_rule_says(
        rows in prop::collection::vec((0..4_u8, 0..Phase::ALL.len(), any::<u8>(), (0..4_u8, 0..4_u8)), 0..14),
        heads in prop::collection::vec(0..14_usize, 4),
    ) {
        let all: Inventory = rows.into_iter().enumerate().map(|(at, row)| environment(at, row)).collect();
        let heads = heads.iter().enumerate().map(|(at, head)| (branch(&format!("b{at}")), forge::head(&format!("c{head}"))));
        let wanted = forge::listed(heads);
        let mut expected: Vec<(u8, Time, Time, Id)> = all
            .all()
            .filter_map(|one| Some((may_go(one, &all, &wanted)?, one.used, one.created, one.id)))
            .collect();
        expected.sort();
        let expected: Vec<Id> = expected.into_iter().map(|(.., id)| id).collect();
        let found = victims::removed(&all, &wanted);
        let found: Vec<Id> = found.into_iter().map(|(id, _)| id).collect();
        prop_assert_eq!(found, expected);
    }
}
