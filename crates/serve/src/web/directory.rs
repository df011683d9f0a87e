//! Which environment a label shows. It is brought up to date from the feed when it is asked, so it is never behind what the
//! keeper has answered.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use boatyard_preview::environment::Environment;
use boatyard_preview::id::{Id, label};
use boatyard_preview::time::Time;

use crate::keeper::Keeper;

/// Changes that are read at once.
const PORTION: usize = 1024;

/// Labels and what they show.
#[derive(Debug, Default)]
pub struct Directory(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    /// The last change that is in here; none: nothing is.
    seen: Option<u64>,
    /// What is shown under each label.
    labels: HashMap<String, BTreeMap<Id, Worth>>,
    /// The label of each.
    of: BTreeMap<Id, String>,
}

/// How much an environment is worth showing under the label of its place: not leaving, then good, then new.
type Worth = (bool, bool, Time);

impl Directory {
    /// The environment that is shown under this label, or has it as its id: the newest that has answered, else the newest.
    pub fn find(&self, keeper: &Keeper, name: &str) -> Option<Id> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.follow(keeper);
        if let Some(all) = known.labels.get(name) {
            let best = all.iter().max_by_key(|(id, worth)| (**worth, *id));
            return best.map(|(id, _)| *id);
        }
        let id = name.parse().ok()?;
        known.of.contains_key(&id).then_some(id)
    }
}

impl Known {
    fn follow(&mut self, keeper: &Keeper) {
        let feed = keeper.feed();
        while self.seen != Some(feed.last()) {
            let changes = self.seen.map(|seen| feed.since(seen, PORTION));
            let Some(Ok(changes)) = changes else {
                // What changes meanwhile is read again afterwards.
                self.seen = Some(feed.last());
                self.read_all(keeper);
                continue;
            };
            let Some(last) = changes.last() else { break };
            self.seen = Some(last.number);
            for change in &changes {
                self.forget(&change.id);
                if let Some(environment) = &change.environment {
                    self.keep(environment);
                }
            }
        }
    }

    fn read_all(&mut self, keeper: &Keeper) {
        self.labels.clear();
        self.of.clear();
        keeper.look(|known| known.inventory.all().for_each(|one| self.keep(one)));
    }

    fn keep(&mut self, environment: &Environment) {
        let label = label(&environment.revision);
        let worth = (
            !environment.is_leaving(),
            environment.is_good,
            environment.created,
        );
        let id = environment.id;
        self.of.insert(id, label.clone());
        self.labels.entry(label).or_default().insert(id, worth);
    }

    fn forget(&mut self, id: &Id) {
        let Some(label) = self.of.remove(id) else {
            return;
        };
        if let Some(all) = self.labels.get_mut(&label) {
            all.remove(id);
            if all.is_empty() {
                self.labels.remove(&label);
            }
        }
    }
}
