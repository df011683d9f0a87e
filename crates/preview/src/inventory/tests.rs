//! What is counted and found along the way is what counting and looking at all of them would give.

use proptest::prelude::*;

use super::Inventory;
use crate::environment::{Environment, Leaving, Slot};
use crate::id::Id;
use crate::phase::Phase;
use crate::revision::{Place, Repository, Revision, Subject};
use crate::time::Time;

fn place(number: u64) -> Place {
    let name = format!("acme/shop{}", number % 2);
    let repository = Repository {
        forge: "forge".into(),
        name,
    };
    Place {
        repository,
        subject: Subject::PullRequest(number / 2),
    }
}

fn environment(place_: u64, commit: u8, phase: Phase, flags: u8) -> Environment {
    let revision = Revision {
        place: place(place_),
        commit: commit.to_string(),
    };
    let one = Environment::new(Id::of(&revision, ""), revision, true, Time(0));
    let is = |bit: u8| flags & 1 << bit != 0;
    Environment {
        phase,
        turn: is(0).then_some(Time((flags & 7).into())),
        asked: is(3).then_some(Time((flags & 7).into())),
        is_good: is(4),
        leaving: is(5).then_some(Leaving::ForNow),
        ..one
    }
}

proptest! {
    #[test]
    fn it_counts_and_finds(acts in prop::collection::vec((0..6_u64, 0..3_u8, 0..12_usize, 0..64_u8), 0..60)) {
        let mut inventory = Inventory::default();
        for (at, commit, phase, flags) in acts {
            match Phase::ALL.get(phase) {
                Some(phase) => inventory.set(environment(at, commit, *phase, flags)),
                None => inventory.forget(&environment(at, commit, Phase::Queued, 0).id),
            }
            for slot in [Slot::Preparing, Slot::Running] {
                let held = inventory.all().filter(|one| one.slot() == Some(slot)).count();
                prop_assert_eq!(inventory.held(slot), held);
            }
            prop_assert_eq!(inventory.kept(), inventory.all().filter(|one| one.is_kept()).count());
            for number in 0..6 {
                let place = place(number);
                let mut found: Vec<_> = inventory.of_place(&place).map(|one| one.id).collect();
                found.sort();
                let there = inventory.all().filter(|one| one.revision.place == place);
                prop_assert_eq!(found, there.map(|one| one.id).collect::<Vec<_>>());
            }
            // Nothing is left of what was: it is as if all had come as they are.
            let again: Inventory = inventory.all().cloned().collect();
            prop_assert_eq!(&inventory.index, &again.index);
            prop_assert_eq!(inventory.places.len(), again.places.len());
        }
    }

    /// Each shelf has those that a look at all of them would find.
    #[test]
    fn shelves_have_who_belongs_there(acts in prop::collection::vec((0..6_u64, 0..3_u8, 0..11_usize, 0..64_u8), 0..40)) {
        let all = acts.into_iter().map(|(at, commit, phase, flags)| environment(at, commit, Phase::ALL[phase], flags));
        let all: Inventory = all.collect();
        let ids = |is: &dyn Fn(&Environment) -> bool| -> Vec<Id> {
            all.all().filter(|one| is(one)).map(|one| one.id).collect()
        };
        let sorted = |mut ids: Vec<Id>| {
            ids.sort();
            ids
        };
        for phase in Phase::ALL {
            prop_assert_eq!(all.of_phase(phase).map(|one| one.id).collect::<Vec<_>>(), ids(&|one| one.phase == phase));
            prop_assert_eq!(all.count(phase), ids(&|one| one.phase == phase).len());
        }
        let rests = |one: &Environment| matches!(one.phase, Phase::Asleep | Phase::Failed);
        let asked = all.asked().map(|(_, id)| *id).collect();
        prop_assert_eq!(sorted(asked), ids(&|one| rests(one) && one.asked.is_some()));
        let fresh = all.fresh().flat_map(|(_, all)| all).map(|(_, id)| *id).collect();
        prop_assert_eq!(sorted(fresh), ids(&|one| rests(one) && one.asked.is_none() && !one.is_good));
        let turns = all.turns().map(|one| one.id).collect();
        prop_assert_eq!(sorted(turns), ids(&|one| one.turn.is_some()));
        prop_assert!(all.turns().is_sorted_by_key(|one| std::cmp::Reverse(one.turn)));
        prop_assert_eq!(all.leaving(), ids(&|one| one.is_kept() && one.is_leaving()).len());
    }
}
