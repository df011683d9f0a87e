//! What nobody uses: told, kept because somebody uses it after all, undeployed. The clock is the test's (PREVIEWS, feature 19).

use std::time::Duration;

use boatyard_preview::decide::{Decision, decide};
use boatyard_preview::environment::{Environment, Wishes};
use boatyard_preview::id::Id;
use boatyard_preview::inventory::Inventory;
use boatyard_preview::phase::{Event, Phase};
use boatyard_preview::policy::Policy;
use boatyard_preview::report::{Links, Seen, comment};
use boatyard_preview::revision::{Place, Repository, Revision, Subject};
use boatyard_preview::step;
use boatyard_preview::time::Time;
use boatyard_preview::wanted::Wanted;
use boatyard_preview::watch::Watch;

const HOUR: u64 = 60 * 60;

struct World {
    policy: Policy,
    inventory: Inventory,
    id: Id,
}

impl World {
    /// One that was prepared at the beginning of time, lives for so many hours, and wishes what it wishes.
    fn new(hours: Option<u64>, wishes: Wishes) -> Self {
        let repository = Repository {
            forge: "code.test".into(),
            name: "acme/shop".into(),
        };
        let mut policy = Policy::default();
        policy
            .repositories
            .insert(repository.clone(), Watch::default());
        policy.times.lifetime = hours.map(|hours| Duration::from_secs(hours * HOUR));
        let subject = Subject::PullRequest(7);
        let revision = Revision {
            place: Place {
                repository,
                subject,
            },
            commit: "c0ffee".into(),
        };
        let id = Id::of(&revision, "");
        let one = Environment {
            phase: Phase::Asleep,
            is_prepared: true,
            is_good: true,
            wishes,
            ..Environment::new(id, revision, true, Time(0))
        };
        Self {
            policy,
            inventory: [one].into_iter().collect(),
            id,
        }
    }

    fn happens(&mut self, event: &Event, hour: u64) {
        let next = step(self.one(), event, None, at(hour)).expect("it can happen");
        self.inventory.set(next.environment.expect("it is there"));
    }

    /// What is decided in that hour, in words; it happens.
    fn decided(&mut self, hour: u64) -> Vec<String> {
        let decisions = decide(&self.policy, &self.inventory, &Wanted::new(), at(hour));
        let mut said = Vec::new();
        for decision in decisions {
            let Decision::Happens(_, event, why) = decision else {
                panic!("{decision:?}");
            };
            self.happens(&event, hour);
            said.push(why.to_string());
        }
        said
    }

    fn one(&self) -> &Environment {
        self.inventory.get(&self.id).expect("it is there")
    }

    /// Whether the comment on the pull request says that it goes soon.
    fn is_told(&self) -> bool {
        let seen = Seen {
            one: self.one(),
            turn: None,
            links: Links {
                address: "http://a.test".into(),
                page: "http://a.test/page".into(),
            },
        };
        let comment = comment(&[seen]).expect("it is there");
        comment.key.ends_with(", warned") && comment.text.contains("undeployed soon")
    }
}

fn at(hour: u64) -> Time {
    Time(hour * HOUR * 1000)
}

const SOON: &str = "it is undeployed soon, unless somebody uses it";
const UNUSED: &str = "nobody used it for as long as is allowed";

#[test]
fn what_nobody_uses_is_told_and_undeployed() {
    let mut world = World::new(Some(72), Wishes::default());
    assert_eq!(world.policy.times.ends(world.one()), Some(at(72)));
    assert_eq!(world.decided(47), [] as [&str; 0]);
    assert!(!world.is_told());
    assert_eq!(world.decided(48), [SOON]);
    assert_eq!(world.decided(49), [] as [&str; 0], "once is enough");
    assert!(world.is_told());

    // Somebody uses it: the time begins anew, and nobody is told any more.
    world.happens(&Event::Use, 50);
    assert!(!world.is_told());
    world.inventory = [Environment {
        asked: None,
        ..world.one().clone()
    }]
    .into_iter()
    .collect();
    assert_eq!(world.policy.times.ends(world.one()), Some(at(122)));
    assert_eq!(world.decided(97), [] as [&str; 0]);
    assert_eq!(world.decided(98), [SOON]);
    assert_eq!(world.decided(122), [UNUSED]);
    assert_eq!(world.one().phase, Phase::Removing);
}

#[test]
fn what_is_pinned_stays() {
    let mut world = World::new(Some(72), Wishes::default());
    assert_eq!(world.decided(71), [SOON]);
    world.happens(&Event::Pin(true), 71);
    assert!(!world.is_told());
    assert_eq!(world.policy.times.ends(world.one()), None);
    assert_eq!(world.decided(500), [] as [&str; 0]);
    // With another policy it may stay for longer.
    world.happens(&Event::Pin(false), 500);
    world.policy.times.lifetime = Some(Duration::from_secs(501 * HOUR));
    assert_eq!(world.decided(500), [SOON]);
    world.policy.times.lifetime = None;
    assert_eq!(world.decided(500), ["it may stay for a while"]);
    assert!(!world.is_told());
}

/// A commit shortens its own life, and never makes it longer. Half of a short life is not spent being told of its end.
#[test]
fn a_commit_only_shortens_its_life() {
    let wishes = |hours: u64| Wishes {
        lifetime: Some(Duration::from_secs(hours * HOUR)),
        idle: None,
    };
    for (allowed, wished, warned, gone) in [
        (Some(72), 10, 5, 10),
        (Some(10), 72, 5, 10),
        (None, 10, 5, 10),
        (Some(100), 200, 76, 100),
    ] {
        let mut world = World::new(allowed, wishes(wished));
        let mut said = Vec::new();
        for hour in 0..=100 {
            said.extend(world.decided(hour).into_iter().map(|why| (hour, why)));
        }
        let expected = [(warned, SOON.to_owned()), (gone, UNUSED.to_owned())];
        assert_eq!(said, expected, "{allowed:?} {wished}");
    }
}
