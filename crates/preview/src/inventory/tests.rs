//! What is counted and found along the way is what counting and looking at all of them would give.

use proptest::prelude::*;

use super::Inventory;
use crate::environment::{Environment, Slot};
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

fn environment(place_: u64, commit: u8, phase: Phase) -> Environment {
    let revision = Revision {
        place: place(place_),
        commit: commit.to_string(),
    };
    let mut one = Environment::new(Id::of(&revision, ""), revision, true, Time(0));
    one.phase = phase;
    one
}

proptest! {
    #[test]
    fn it_counts_and_finds(acts in prop::collection::vec((0..6_u64, 0..3_u8, 0..12_usize), 0..60)) {
        let mut inventory = Inventory::default();
        for (at, commit, phase) in acts {
            match Phase::ALL.get(phase) {
                Some(phase) => inventory.set(environment(at, commit, *phase)),
                None => inventory.forget(&environment(at, commit, Phase::Queued).id),
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
            let again: Inventory = inventory.all().cloned().collect();
            prop_assert_eq!(inventory.all().count() == 0, again.places().is_empty());
        }
    }
}
