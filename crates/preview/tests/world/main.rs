//! A world that goes wrong: forges that are silent, backends that fail, a controller that is killed between a decision and
//! what follows from it. Whatever happens, the properties of the core hold, and once nothing goes wrong any more, what is
//! there is what is wanted.
//!
//! `PREVIEW_CASES`, when this is built, says how many histories are tried, each of up to 200 steps (default 400).

mod act;
mod backend;
mod controller;
mod forge;
mod kept;
mod life;
mod rule;
mod turn;

use std::collections::BTreeSet;
use std::time::Duration;

use boatyard_preview::environment::Slot;
use boatyard_preview::id::Id;
use boatyard_preview::phase::{Event, Phase};
use boatyard_preview::policy::{Limits, Policy};
use boatyard_preview::revision::Place;
use boatyard_preview::time::Time;
use boatyard_preview::watch::{Branches, Watch};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use act::{Act, Post, act};
use backend::Backend;
use controller::Controller;
use forge::{Forge, Mood};

fn policy(forge: &Forge, limits: Limits, starts: bool) -> Policy {
    let watch = |share| Watch {
        share,
        branches: Branches::named(["**"]),
        starts,
        ..Watch::default()
    };
    let shares = [1, 3].map(watch);
    let repositories = forge.repositories().zip(shares).collect();
    let mut policy = Policy {
        repositories,
        limits,
        ..Policy::default()
    };
    // Less than it takes to settle.
    policy.times.snapshots = Duration::from_secs(600);
    policy
}

struct World {
    forge: Forge,
    backend: Backend,
    controller: Controller,
    now: Time,
    /// What a backend has said that has not arrived.
    late: Vec<(Id, Event, u32)>,
    /// What may be run, as somebody has said.
    approved: BTreeSet<Id>,
    /// What was undeployed and not made anew since.
    undeployed: BTreeSet<Id>,
}

impl World {
    fn new(limits: Limits, starts: bool) -> Self {
        let forge = Forge::new();
        let controller = Controller::new(policy(&forge, limits, starts));
        Self {
            forge,
            backend: Backend::default(),
            controller,
            now: Time(1_000_000),
            late: Vec::new(),
            approved: BTreeSet::new(),
            undeployed: BTreeSet::new(),
        }
    }

    fn told(&mut self, id: &Id, event: &Event, attempt: Option<u32>) {
        self.controller
            .told(&mut self.backend, id, event, attempt, self.now);
    }

    /// What was late arrives.
    fn arrive(&mut self) {
        for (id, event, attempt) in std::mem::take(&mut self.late) {
            self.told(&id, &event, Some(attempt));
        }
    }

    fn act(&mut self, act: &Act) {
        let known = |world: &Self| -> Vec<_> {
            world.controller.inventory.all().map(|one| one.id).collect()
        };
        let mut survives = usize::MAX;
        match act {
            Act::Push(at, trusted) => self.forge.push(*at, *trusted),
            Act::Close(at) => self.forge.close(*at),
            Act::Forge(mood) => self.forge.mood = *mood,
            Act::Use(at) => {
                let shown = self.controller.shown(&self.forge.place(*at));
                if let Some(id) = shown {
                    self.told(&id, &Event::Use, None);
                }
            }
            Act::Operate(at, event) => {
                let known = known(self);
                if let Some(id) = known.get(*at) {
                    self.operate(id, event);
                }
            }
            Act::Keep(at, event) => self.keep(*at, event),
            Act::Work(luck, post) => {
                if let Some((id, event, attempt)) = self.backend.work(*luck) {
                    self.check_restored(&id, &event, attempt);
                    match post {
                        Post::Once => self.told(&id, &event, Some(attempt)),
                        Post::Twice => {
                            self.told(&id, &event, Some(attempt));
                            self.told(&id, &event, Some(attempt));
                        }
                        Post::Lost => self.controller.back(&mut self.backend),
                        Post::Late => self.late.push((id, event, attempt)),
                    }
                }
                if *luck % 4 == 0 {
                    self.arrive();
                }
            }
            Act::Crash(at) => {
                let known = known(self);
                if let Some(id) = known.get(*at)
                    && let Some((event, attempt)) = self.backend.crash(id)
                {
                    self.told(id, &event, Some(attempt));
                }
            }
            Act::Kill(after) => survives = *after,
            Act::Wait(seconds) => {
                self.now = Time(self.now.0 + seconds * 1000);
                self.sweep_snapshots();
            }
        }
        let wanted = self.forge.wanted(&self.controller.inventory);
        self.controller
            .round(&mut self.backend, &wanted, self.now, survives);
        self.check();
    }

    /// Starting and preparing are the controller's, so an operator asks for them.
    fn operate(&mut self, id: &Id, event: &Event) {
        let event = match event {
            Event::Start => Event::Use,
            event => event.clone(),
        };
        if event == Event::Approve {
            self.approved.insert(*id);
        }
        match event {
            Event::Undeploy => self.undeployed.insert(*id),
            Event::Reset => self.undeployed.remove(id),
            _ => false,
        };
        self.told(id, &event, None);
    }

    /// What holds at every moment.
    fn check(&self) {
        let (inventory, limits) = (&self.controller.inventory, self.controller.policy.limits);
        // P1: one environment for each revision.
        let mut revisions: Vec<_> = inventory.all().map(|one| &one.revision).collect();
        revisions.sort();
        assert!(
            revisions.windows(2).all(|pair| pair[0] != pair[1]),
            "{revisions:#?}"
        );
        // P2: whatever the backend has is known.
        for id in self.backend.ids() {
            assert!(inventory.get(id).is_some(), "{id} is forgotten");
        }
        // P3: no limit is exceeded, neither by what is known nor by what is there.
        let preparing = self.backend.count(|thing| thing.prepares);
        let running = self.backend.count(|thing| thing.runs);
        assert!(
            preparing <= limits.preparing,
            "{preparing} are prepared: {inventory:#?}"
        );
        assert!(running <= limits.running, "{running} run: {inventory:#?}");
        assert!(inventory.held(Slot::Preparing) <= limits.preparing);
        assert!(inventory.held(Slot::Running) <= limits.running);
        assert!(
            inventory.kept() <= limits.kept,
            "{} are kept",
            inventory.kept()
        );
        assert!(self.backend.ids().count() <= limits.kept);
        self.check_snapshots();
        // P4 is looked at where decisions are taken (controller.rs).
        // What nobody approved has nothing.
        for id in self.backend.ids() {
            let one = inventory.get(id).expect("it is known");
            let is_trusted = self.forge.is_trusted(&one.revision.commit);
            assert!(is_trusted || self.approved.contains(id), "{one:#?}");
        }
    }

    /// Nothing goes wrong any more.
    fn settle(&mut self) {
        self.forge.mood = Mood::Well;
        self.controller.policy.limits.kept = 40;
        self.arrive();
        self.controller.back(&mut self.backend);
        // Long enough for whatever is tried again after a while.
        let mut quiet = 0;
        for _ in 0..5000 {
            let before = self.controller.inventory.clone();
            self.now = Time(self.now.0 + 30_000);
            while let Some((id, event, attempt)) = self.backend.work(u8::MAX) {
                self.told(&id, &event, Some(attempt));
                self.check();
            }
            let wanted = self.forge.wanted(&self.controller.inventory);
            self.controller
                .round(&mut self.backend, &wanted, self.now, usize::MAX);
            self.check();
            let rests = self.controller.inventory == before;
            quiet = if rests { quiet + 1 } else { 0 };
            if quiet == 60 {
                break;
            }
        }
        assert_eq!(quiet, 60, "it does not come to rest");
        let inventory = &self.controller.inventory;
        // P5, P7: what is wanted is there, and nothing else but what was kept on purpose.
        let heads = self.forge.heads();
        for (place, head) in &heads {
            let one = inventory
                .all()
                .find(|one| one.revision.place == *place && one.revision.commit == head.commit);
            let one = one.unwrap_or_else(|| panic!("{place} has nothing"));
            let settled = [Phase::Asleep, Phase::Running, Phase::Failed];
            let is_settled = match one.phase {
                Phase::Unapproved => !head.is_trusted,
                Phase::Undeployed => self.undeployed.contains(&one.id),
                phase => settled.contains(&phase),
            };
            assert!(is_settled, "{one:#?}");
        }
        for one in inventory.all() {
            let head = heads.get(&one.revision.place);
            assert!(head.is_some(), "it is closed: {one:#?}");
            assert!(
                !matches!(one.phase, Phase::Stuck | Phase::Removing),
                "{one:#?}"
            );
        }
        let kept = inventory.all().filter(|one| one.is_kept()).count();
        assert_eq!(self.backend.ids().count(), kept, "orphans");
        self.check_left_snapshots();
    }
}

#[test]
fn whatever_happens() {
    let cases = option_env!("PREVIEW_CASES").map_or(400, |text| text.parse().expect("a number"));
    let mut runner = TestRunner::new(Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    });
    let limits =
        (1..3_usize, 1..4_usize, 3..15_usize).prop_map(|(preparing, running, kept)| Limits {
            preparing,
            running,
            kept,
            snapshots: 2,
            ..Policy::default().limits
        });
    let input = (limits, any::<bool>(), prop::collection::vec(act(), 1..200));
    runner
        .run(&input, |(limits, starts, acts)| {
            let mut world = World::new(limits, starts);
            for act in &acts {
                world.act(act);
            }
            world.settle();
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
}

/// A repository with five hundred waits does not keep another one waiting.
#[test]
fn nobody_starves() {
    let forge = Forge::new();
    let limits = Limits {
        preparing: 1,
        running: 1,
        kept: 1000,
        ..Policy::default().limits
    };
    let mut policy = policy(&forge, limits, false);
    let [first, second]: [_; 2] = forge.repositories().collect::<Vec<_>>().try_into().unwrap();
    policy.repositories = [
        (first.clone(), Watch::default()),
        (second.clone(), Watch::default()),
    ]
    .into();
    let mut controller = Controller::new(policy);
    let mut backend = Backend::default();
    let branch = |repository: &boatyard_preview::revision::Repository, name: String| Place {
        repository: repository.clone(),
        subject: boatyard_preview::revision::Subject::Branch(name),
    };
    let many = (0..500).map(|at| branch(&first, format!("b{at}")));
    let mut wanted = forge::listed(many.map(|place| (place, forge::head("c"))));
    controller.round(&mut backend, &wanted, Time(0), usize::MAX);
    controller.round(&mut backend, &wanted, Time(10_000), usize::MAX);
    let one = branch(&second, "only".to_owned());
    wanted.extend(forge::listed([(one.clone(), forge::head("c"))]));
    controller.round(&mut backend, &wanted, Time(10_001), usize::MAX);
    let (id, event, attempt) = backend.work(u8::MAX).expect("one is being prepared");
    controller.told(&mut backend, &id, &event, Some(attempt), Time(20_000));
    controller.round(&mut backend, &wanted, Time(20_000), usize::MAX);
    let of_second = controller
        .inventory
        .all()
        .find(|found| found.revision.place == one);
    assert_eq!(of_second.unwrap().phase, Phase::Preparing);
}
