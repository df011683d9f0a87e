//! What holds of snapshots, whatever happens.

use boatyard_preview::id::Id;
use boatyard_preview::phase::{Event, Phase};
use boatyard_preview::snapshot::Task;

use super::World;

impl World {
    /// Somebody does something with a snapshot of one of those that could have any; mostly with one that is there.
    pub(super) fn keep(&mut self, at: usize, event: &Event) {
        let could = |phase| matches!(phase, Phase::Asleep | Phase::Failed | Phase::Running);
        let all = self.controller.inventory.all();
        let mut ones: Vec<_> = all.filter(|one| could(one.phase)).collect();
        if !matches!(event, Event::Save(_)) {
            ones.sort_by_key(|one| one.snapshots.is_empty());
            ones.truncate(2);
        }
        let Some(one) = ones.get(at % ones.len().max(1)) else {
            return;
        };
        let (id, known) = (one.id, one.snapshots.first().map(|one| one.name.clone()));
        let event = match (event, known) {
            (Event::Restore(_), Some(name)) => Event::Restore(name),
            (event, _) => event.clone(),
        };
        self.told(&id, &event, None);
    }

    /// What the backend says that it restored is what was saved.
    pub(super) fn check_restored(&self, id: &Id, event: &Event, attempt: u32) {
        let one = self.controller.inventory.get(id);
        if let Some(one) = one.filter(|one| one.attempt == attempt && *event == Event::Done)
            && let (Phase::Restoring, Some(Task::Restore(name))) = (one.phase, &one.task)
        {
            let data = self.backend.thing(id).map(|thing| thing.data);
            assert_eq!(data, self.backend.saved(id, name), "{one:#?}");
        }
    }

    /// Those that are known are there, whole, and no more than may be; nothing runs while one is made or restored.
    pub(super) fn check_snapshots(&self) {
        let limit = self.controller.policy.limits.snapshots;
        for one in self.controller.inventory.all() {
            assert!(one.snapshots.len() <= limit, "{one:#?}");
            for snapshot in &one.snapshots {
                // Its size is what data was.
                let saved = self.backend.saved(&one.id, &snapshot.name);
                assert_eq!(saved, Some(snapshot.size_bytes), "{one:#?}");
            }
            if matches!(one.phase, Phase::Saving | Phase::Restoring) {
                assert!(one.task.is_some(), "{one:#?}");
                let thing = self.backend.thing(&one.id);
                assert!(thing.is_none_or(|thing| !thing.runs), "{one:#?}");
            }
        }
    }

    /// What nobody knows is taken away; what is being made is known.
    pub(super) fn sweep_snapshots(&mut self) -> usize {
        let inventory = &self.controller.inventory;
        self.backend.sweep(|id, name| {
            let one = inventory.get(id);
            one.is_some_and(|one| {
                let is_at_work = one.task.as_ref().is_some_and(|task| task.name() == name);
                is_at_work || one.has_snapshot(name)
            })
        })
    }

    /// Once all is well, nothing is being done, those that are known are all there are, and none is of what was undeployed.
    pub(super) fn check_left_snapshots(&mut self) {
        let left = self.sweep_snapshots();
        let all = self.controller.inventory.all();
        let known: usize = all.clone().map(|one| one.snapshots.len()).sum();
        assert_eq!(left, known, "snapshots that nobody knows");
        for one in all {
            assert_eq!(one.task, None, "{one:#?}");
            let is_undeployed = one.phase == Phase::Undeployed;
            assert!(!is_undeployed || one.snapshots.is_empty(), "{one:#?}");
        }
    }
}
