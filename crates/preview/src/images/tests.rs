//! Images that somebody else makes: waited for in the queue, in nobody's way, and not for ever.

use std::time::Duration;

use super::{Awaited, Images};
use crate::decide::{Decision, decide};
use crate::environment::Environment;
use crate::inventory::Inventory;
use crate::phase::{Event, Phase};
use crate::policy::Policy;
use crate::report::{Links, Seen, State, comment, status};
use crate::revision::{Repository, Subject};
use crate::step::step;
use crate::time::Time;
use crate::wanted::{Head, Wanted};
use crate::watch::{Branches, Watch};

struct World {
    policy: Policy,
    inventory: Inventory,
    wanted: Wanted,
}

impl World {
    fn new() -> Self {
        let mut policy = Policy::default();
        policy.times.settle = Duration::ZERO;
        policy.times.images = Duration::from_secs(60);
        let watch = Watch {
            branches: Branches::named(["*"]),
            awaits: true,
            ..Watch::default()
        };
        policy.repositories.insert(repository(), watch);
        Self {
            policy,
            inventory: Inventory::default(),
            wanted: Wanted::new(),
        }
    }

    fn push(&mut self, branch: &str) {
        let head = Head {
            commit: branch.to_owned(),
            is_trusted: true,
            is_draft: false,
            source: None,
        };
        let listing = self.wanted.entry(repository()).or_default();
        listing
            .open
            .insert(Subject::Branch(branch.to_owned()), head);
    }

    /// Decides until nothing is left to be decided.
    fn decide(&mut self, at: u64) {
        loop {
            let all = decide(&self.policy, &self.inventory, &self.wanted, Time(at * 1000));
            if all.is_empty() {
                return;
            }
            for decision in all {
                match decision {
                    Decision::Create(one, _) => self.inventory.set(*one),
                    Decision::Happens(id, event, _) => {
                        let one = self.inventory.get(&id).expect("it is there");
                        let next = step(one, &event, None, Time(at * 1000)).expect("it happens");
                        self.inventory.set(next.environment.expect("it stays"));
                    }
                }
            }
        }
    }

    fn of(&self, branch: &str) -> &Environment {
        let mut all = self.inventory.all();
        all.find(|one| one.revision.commit == branch)
            .expect("it is there")
    }

    fn happens(&mut self, branch: &str, event: &Event, at: u64) {
        let next = step(self.of(branch), event, None, Time(at * 1000)).expect("it happens");
        self.inventory.set(next.environment.expect("it stays"));
    }

    fn phases(&self) -> [Phase; 2] {
        ["a", "b"].map(|branch| self.of(branch).phase)
    }
}

fn repository() -> Repository {
    Repository {
        forge: "code.test".into(),
        name: "acme/shop".into(),
    }
}

#[test]
fn who_waits_for_images_is_in_nobodys_way_and_does_not_wait_for_ever() {
    let mut world = World::new();
    world.policy.limits.preparing = 1;
    world.push("a");
    world.decide(0);
    world.push("b");
    world.decide(1);
    assert_eq!(world.phases(), [Phase::Queued, Phase::Queued]);
    // The second one's come first: it takes no turn away, and has the only slot.
    world.happens("b", &Event::Images(Images::There), 2);
    world.decide(2);
    assert_eq!(world.phases(), [Phase::Queued, Phase::Preparing]);

    let awaited = Awaited {
        why: "r.test has no shop/app:a".into(),
        failed: None,
    };
    world.happens("a", &Event::Images(Images::Awaited(awaited)), 3);
    world.decide(59);
    assert_eq!(world.of("a").phase, Phase::Queued);
    world.decide(60);
    let one = world.of("a");
    assert_eq!((one.phase, one.asked), (Phase::Failed, None));
    let why = "60 s were not enough for its images: r.test has no shop/app:a";
    assert_eq!(one.reason.as_deref(), Some(why));

    // Made anew, it waits anew.
    world.happens("a", &Event::Reset, 61);
    world.happens("a", &Event::Done, 62);
    let one = world.of("a");
    assert_eq!(one.phase, Phase::Queued);
    assert_eq!(one.images, Images::Awaited(Awaited::default()));
}

/// What is built here fails for no want of images.
#[test]
fn who_waits_for_a_turn_alone_does_not_fail() {
    let mut world = World::new();
    for watch in world.policy.repositories.values_mut() {
        watch.awaits = false;
    }
    world.policy.limits.preparing = 0;
    world.push("a");
    world.decide(0);
    world.decide(10_000);
    assert_eq!(world.of("a").phase, Phase::Queued);
    let fails = Event::Fail("no".into());
    assert!(step(world.of("a"), &fails, None, Time(0)).is_err());
}

#[test]
fn forges_are_told_what_is_waited_for_and_which_pipeline_has_failed() {
    let mut world = World::new();
    world.push("a");
    world.decide(0);
    let mut told = |failed: Option<&str>| {
        let awaited = Awaited {
            why: "r.test has no @shop".into(),
            failed: failed.map(str::to_owned),
        };
        world.happens("a", &Event::Images(Images::Awaited(awaited)), 1);
        let links = Links {
            address: "http://a.test".into(),
            page: "http://a.test/page".into(),
        };
        let seen = Seen {
            one: world.of("a"),
            turn: None,
            links,
        };
        let status = status(&seen).expect("it has one");
        assert_eq!(status.state, State::Waiting);
        (status, comment(&[seen]).expect("it has one"))
    };
    let (waits, says) = told(None);
    assert_eq!(waits.text, "waits for its images: r.test has no @shop");
    assert_eq!(waits.url, "http://a.test/page");
    // Nobody is called by what a registry says.
    assert!(
        says.text
            .contains("waits for its images: `r.test has no @shop`"),
        "{}",
        says.text
    );
    let (failed, says_more) = told(Some("https://ci.test/7"));
    assert_eq!(failed.url, "https://ci.test/7");
    assert!(
        says_more
            .text
            .contains("[A pipeline of this commit](https://ci.test/7) has failed")
    );
    assert!(
        failed.key != waits.key && says_more.key != says.key,
        "both are told anew"
    );
}
