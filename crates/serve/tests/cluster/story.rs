//! What happens to the environments of a test, and how that ends where nothing goes wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;

use boatyard_preview::phase::{Event, Phase};
use serde_json::json;

use crate::api::store::Key;
use crate::yard::{PATIENCE, PREFIX, Yard, id, namespace};

/// So many branches are pushed; some of them are used, some of those stopped, a third of all closed.
#[derive(Clone, Copy)]
pub struct Story {
    pub count: usize,
    pub preparing: usize,
    pub running: usize,
}

/// What there is, on both sides.
#[derive(Debug, PartialEq, Eq)]
pub struct State {
    phases: BTreeMap<usize, Phase>,
    namespaces: BTreeSet<String>,
    awake: BTreeSet<String>,
    orphans: Vec<Key>,
}

impl Story {
    pub async fn begin(self) -> Yard {
        Yard::new(self.preparing, self.running).await
    }

    fn used(self) -> impl Iterator<Item = usize> + Clone {
        0..(self.count / 3).min(self.running)
    }

    pub async fn play(self, yard: &Yard) {
        let all = 0..self.count;
        yard.push(all.clone()).await;
        yard.until(all.clone(), Phase::Asleep).await;
        yard.ask(self.used(), &Event::Use).await;
        yard.until(self.used(), Phase::Running).await;
        yard.close(all.clone().filter(|one| one % 3 == 0)).await;
        let stopped = self.used().filter(|one| one % 3 == 1);
        yard.ask(stopped.clone(), &Event::Stop).await;
        yard.until(stopped, Phase::Asleep).await;
        yard.until_gone(all.filter(|one| one % 3 == 0)).await;
    }

    pub fn end(self) -> State {
        let phase = |one: &usize| {
            let runs = self.used().any(|used| used == *one) && one % 3 == 2;
            if runs { Phase::Running } else { Phase::Asleep }
        };
        let left = (0..self.count).filter(|one| one % 3 != 0);
        let phases: BTreeMap<usize, Phase> = left.map(|one| (one, phase(&one))).collect();
        let awake = phases.iter().filter(|(_, phase)| **phase == Phase::Running);
        State {
            namespaces: phases.keys().map(|one| namespace(*one)).collect(),
            awake: awake.map(|(one, _)| namespace(*one)).collect(),
            phases,
            orphans: Vec::new(),
        }
    }

    /// Waits until it is as if nothing had gone wrong, and no limit was exceeded on the way.
    pub async fn ends_well(self, what: &str, yard: &Yard) {
        let end = self.end();
        let begin = std::time::Instant::now();
        while self.state(yard) != end {
            if begin.elapsed() > PATIENCE {
                assert_eq!(self.state(yard), end, "{what}");
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        let most = yard.deploys.most.load(Ordering::Relaxed);
        assert!(most <= self.preparing, "{what}: {most} at once");
        let awake = yard.api.store().most_awake;
        let limit = self.preparing + self.running;
        assert!(awake <= limit, "{what}: {awake} of {limit} awake");
    }

    pub fn state(self, yard: &Yard) -> State {
        let known = yard.known();
        let numbers = (0..self.count).filter_map(|one| Some((one, known.get(&id(one))?.phase)));
        let phases = numbers.collect();
        let store = yard.api.store();
        let mut namespaces = BTreeSet::new();
        let mut awake = BTreeSet::new();
        let mut orphans = Vec::new();
        for (key, object) in store.all() {
            if key.plural == "namespaces" && key.name.starts_with(PREFIX) {
                namespaces.insert(key.name.clone());
            }
            let inside = Key::new("namespaces", "", &key.namespace);
            if !key.namespace.is_empty() && store.get(&inside).is_none() {
                orphans.push(key.clone());
            }
            if key.plural == "deployments" && object["spec"]["replicas"] != json!(0) {
                awake.insert(key.namespace.clone());
            }
        }
        State {
            phases,
            namespaces,
            awake,
            orphans,
        }
    }
}
