//! What becomes of environments in single stories, each told to its end.

use std::collections::BTreeSet;

use boatyard_preview::environment::{Environment, Leaving};
use boatyard_preview::id::Id;
use boatyard_preview::phase::{Event, Phase};
use boatyard_preview::policy::{Limits, Policy};
use boatyard_preview::revision::{Place, Repository, Subject};
use boatyard_preview::time::Time;
use boatyard_preview::wanted::Wanted;
use boatyard_preview::watch::{Branches, Watch};

use super::backend::Backend;
use super::controller::Controller;
use super::forge;

/// Luck with which a backend's work goes well, and with which it does not.
const WELL: u8 = u8::MAX;
const BADLY: u8 = 0;

pub fn repository() -> Repository {
    Repository {
        forge: "git.example.org".to_owned(),
        name: "acme/shop".to_owned(),
    }
}

pub fn branch(name: &str) -> Place {
    Place {
        repository: repository(),
        subject: Subject::Branch(name.to_owned()),
    }
}

/// A controller, what it works with, and the time.
struct Scene {
    controller: Controller,
    backend: Backend,
    wanted: Wanted,
    now: Time,
}

impl Scene {
    /// One that wants an environment of the first commit of each of these branches, which wait for their turn.
    fn new(limits: Limits, branches: impl IntoIterator<Item = String>) -> Self {
        let watch = Watch {
            branches: Branches::named(["**"]),
            starts: false,
            ..Watch::default()
        };
        let policy = Policy {
            repositories: [(repository(), watch)].into(),
            limits,
            ..Policy::default()
        };
        let heads = branches
            .into_iter()
            .map(|name| (branch(&name), forge::head("c")));
        let mut scene = Self {
            controller: Controller::new(policy),
            backend: Backend::default(),
            wanted: forge::listed(heads),
            now: Time(100_000_000),
        };
        scene.round();
        scene.pass(10);
        scene
    }

    fn round(&mut self) {
        self.controller
            .round(&mut self.backend, &self.wanted, self.now, usize::MAX);
    }

    /// That many seconds pass.
    fn pass(&mut self, seconds: u64) {
        self.now = Time(self.now.0 + seconds * 1000);
        self.round();
    }

    fn told(&mut self, id: &Id, event: &Event) {
        self.controller
            .told(&mut self.backend, id, event, None, self.now);
        self.round();
    }

    /// The backend does one thing; whether there was one.
    fn work(&mut self, luck: u8) -> bool {
        let Some((id, event, attempt)) = self.backend.work(luck) else {
            return false;
        };
        self.controller
            .told(&mut self.backend, &id, &event, Some(attempt), self.now);
        self.round();
        true
    }

    /// All there is to do is done, well.
    fn settle(&mut self) {
        for _ in 0..200_000 {
            if !self.work(WELL) {
                return;
            }
        }
        panic!("it does not come to rest");
    }

    fn id(&self, name: &str) -> Id {
        let place = branch(name);
        let all = self.controller.inventory.all();
        let mut of_place = all.filter(|one| one.revision.place == place);
        of_place.next().expect("it is there").id
    }

    fn one(&self, name: &str) -> &Environment {
        let id = self.id(name);
        self.controller.inventory.get(&id).expect("it is there")
    }

    fn phase(&self, name: &str) -> Phase {
        self.one(name).phase
    }
}

fn limits(preparing: usize, running: usize, kept: usize) -> Limits {
    Limits {
        preparing,
        running,
        kept,
        ..Policy::default().limits
    }
}

fn named(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// T28. Where there is something to be made anew it is taken away once and prepared once more, and answers as before.
#[test]
fn reset_in_every_phase_begins_anew() {
    for phase in Phase::ALL {
        let mut scene = Scene::new(limits(1, 1, 5), named(&["main"]));
        scene.settle();
        let before = Environment {
            phase,
            is_prepared: !matches!(phase, Phase::Unapproved | Phase::Queued | Phase::Preparing),
            leaving: (phase == Phase::Removing).then_some(Leaving::Again),
            ..scene.one("main").clone()
        };
        scene.controller.inventory.set(before.clone());
        scene.controller.back(&mut scene.backend);
        scene.now = Time(scene.now.0 + 60_000);
        scene.told(&before.id, &Event::Reset);
        scene.settle();
        scene.pass(600);
        scene.settle();
        let after = scene.one("main").clone();
        assert_eq!(after.phase, Phase::Asleep, "from {phase}");
        assert!(after.is_prepared && after.leaving.is_none(), "{after:#?}");
        assert!(after.turn > before.turn, "from {phase}: not prepared again");
        assert_eq!(after.created, before.created);
        scene.told(&after.id, &Event::Use);
        scene.settle();
        assert_eq!(scene.phase("main"), Phase::Running, "from {phase}");
    }
}

/// T32. It is tried again after more and more time, and its place is free only once it is gone.
#[test]
fn what_cannot_be_taken_away_is_told_and_tried_until_it_is() {
    let mut scene = Scene::new(limits(1, 1, 1), named(&["main"]));
    scene.settle();
    let id = scene.id("main");
    let listing = scene.wanted.values_mut().next().unwrap();
    listing.open.clear();
    listing.closed.insert(branch("main").subject);
    scene.round();
    let mut waits = Vec::new();
    for failures in 1..=6 {
        assert!(scene.work(BADLY), "it was asked for");
        let one = scene.controller.inventory.get(&id).expect("it is there");
        assert_eq!((one.phase, one.failures), (Phase::Stuck, failures));
        assert_eq!(one.reason.as_deref(), Some("no luck"));
        let begin = scene.now;
        while scene.controller.inventory.get(&id).unwrap().phase == Phase::Stuck {
            assert!(
                waits.len() < 7 && scene.now.0 < 200_000_000,
                "it is given up"
            );
            scene.pass(1);
        }
        waits.push((scene.now.0 - begin.0) / 1000);
        assert_eq!(scene.controller.inventory.kept(), 1);
    }
    assert_eq!(waits, [10, 20, 40, 80, 160, 320]);
    scene.settle();
    assert_eq!(scene.controller.inventory.all().count(), 0);
    assert_eq!(scene.backend.ids().count(), 0);
}

/// T33. One that never comes up is tried again, later each time, and takes nobody's place.
#[test]
fn a_crash_loop_disturbs_nobody() {
    let mut scene = Scene::new(limits(2, 1, 5), named(&["bad", "good"]));
    scene.settle();
    let (bad, good) = (scene.id("bad"), scene.id("good"));
    scene.told(&bad, &Event::Use);
    assert!(scene.work(BADLY));
    assert_eq!(scene.phase("bad"), Phase::Failed);
    scene.told(&good, &Event::Use);
    scene.settle();
    assert_eq!(scene.phase("good"), Phase::Running, "the place is free");
    for _ in 0..600 {
        scene.pass(1);
        assert_eq!(scene.phase("good"), Phase::Running);
        scene.told(&bad, &Event::Use);
        assert_eq!(scene.phase("bad"), Phase::Failed);
        scene.told(&good, &Event::Use);
    }
    // Once there is room it has its turn.
    scene.told(&good, &Event::Stop);
    assert!(scene.work(WELL), "it is stopped");
    let mut tries = Vec::new();
    for second in 0..700_u64 {
        if scene.work(BADLY) {
            tries.push(second);
        }
        scene.pass(1);
    }
    let pauses: Vec<u64> = tries.windows(2).map(|two| two[1] - two[0]).collect();
    assert_eq!(pauses, [20, 40, 80, 160, 320]);
    assert_eq!(scene.one("bad").failures, 7);
}

/// T35. All goes, whatever it was doing; what others have stays.
#[test]
fn a_repository_that_is_watched_no_more_is_drained() {
    let names = (0..100).map(|at| format!("b{at}"));
    let mut scene = Scene::new(limits(3, 10, 90), names);
    // Some wait, some are prepared, some run, some are asked for.
    for _ in 0..40 {
        scene.work(WELL);
    }
    let some: Vec<Id> = scene.controller.inventory.all().map(|one| one.id).collect();
    for id in some.iter().step_by(3) {
        scene.told(id, &Event::Use);
        scene.work(WELL);
    }
    let phases: BTreeSet<Phase> = scene
        .controller
        .inventory
        .all()
        .map(|one| one.phase)
        .collect();
    assert!(phases.len() >= 4, "{phases:?}");
    scene.controller.policy.repositories.clear();
    // The controller of the world asserts why something goes; that is not among its reasons.
    let decisions = boatyard_preview::decide::decide(
        &scene.controller.policy,
        &scene.controller.inventory,
        &scene.wanted,
        scene.now,
    );
    assert_eq!(decisions.len(), 100);
    for one in some {
        let (backend, now) = (&mut scene.backend, scene.now);
        scene
            .controller
            .told(backend, &one, &Event::Remove, None, now);
    }
    scene.settle();
    assert_eq!(scene.controller.inventory.all().count(), 0);
    assert_eq!(scene.backend.ids().count(), 0);
}

/// T42. One round says it all.
#[test]
fn ten_thousand_close_at_once() {
    let names = (0..10_000).map(|at| format!("b{at}"));
    let mut scene = Scene::new(limits(2, 2, 20_000), names);
    for _ in 0..20 {
        scene.work(WELL);
    }
    let listing = scene.wanted.values_mut().next().unwrap();
    let subjects = std::mem::take(&mut listing.open).into_keys();
    listing.closed.extend(subjects);
    scene.round();
    let left: Vec<&Environment> = scene.controller.inventory.all().collect();
    assert!(left.len() <= 22, "{}", left.len());
    assert!(left.iter().all(|one| one.phase == Phase::Removing));
    scene.settle();
    assert_eq!(scene.controller.inventory.all().count(), 0);
    assert_eq!(scene.backend.ids().count(), 0);
}

/// T27. Clocks that stand still or go back end nothing early and start nothing twice.
#[test]
fn a_clock_that_jumps_changes_nothing_that_is_there() {
    let mut scene = Scene::new(limits(1, 1, 5), named(&["main", "next"]));
    scene.settle();
    let id = scene.id("main");
    scene.told(&id, &Event::Use);
    scene.settle();
    assert_eq!(scene.phase("main"), Phase::Running);
    for now in [scene.now.0, scene.now.0, scene.now.0 - 3_600_000, 0] {
        scene.now = Time(now);
        let before = scene.controller.inventory.clone();
        scene.round();
        assert_eq!(scene.controller.inventory, before, "at {now}");
        assert!(!scene.work(WELL), "at {now}");
    }
}
