//! What is known of one environment: all of it is kept in the journal.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::id::Id;
use crate::images::Images;
use crate::phase::Phase;
use crate::revision::Revision;
use crate::snapshot::{Snapshot, Task};
use crate::time::Time;

/// What an environment takes of what there is only so much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Slot {
    /// It is being prepared.
    Preparing,
    /// Its processes run, or may still.
    Running,
}

/// What something is taken away for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Leaving {
    /// It is wanted no more.
    ForGood,
    /// It is undeployed.
    ForNow,
    /// It is made anew.
    Again,
}

/// What the commit itself says of its times. They only shorten what the policy says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Wishes {
    /// Without use, until it is put to sleep.
    pub idle: Option<Duration>,
    /// Without use, until it is undeployed.
    pub lifetime: Option<Duration>,
}

/// One deployed revision.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Environment {
    /// Who it is.
    pub id: Id,
    /// What it shows.
    pub revision: Revision,
    /// By which recipe it is made.
    pub recipe: String,
    /// How far it is.
    pub phase: Phase,
    /// Since when.
    pub since: Time,
    /// When it was first heard of.
    pub created: Time,
    /// When it was last used, or began to run.
    pub used: Time,
    /// When it was last its turn to be prepared.
    pub turn: Option<Time>,
    /// Somebody waits for it to run, since then.
    pub asked: Option<Time>,
    /// Which effect it is that the backend was last asked for: what it says of earlier ones is no longer about this.
    pub attempt: u32,
    /// What it holds while it is removed.
    pub held: Option<Slot>,
    /// Whether its commit is by somebody who may see secrets and go out: a stranger's never does, also once it is approved.
    pub is_trusted: bool,
    /// Whether it has been prepared.
    pub is_prepared: bool,
    /// Whether it has answered since it was prepared: such a one is worth keeping.
    pub is_good: bool,
    /// Whether it keeps what it is, whatever else needs the place.
    pub is_pinned: bool,
    /// Whether all that it has is being taken away, and what for.
    pub leaving: Option<Leaving>,
    /// How often in a row it has failed.
    pub failures: u32,
    /// Why it failed, or why it is being stopped.
    pub reason: Option<String>,
    /// Who makes its images, and whether they are there.
    #[serde(default, skip_serializing_if = "Images::are_ours")]
    pub images: Images,
    /// What its commit wishes, as it was prepared.
    #[serde(default, skip_serializing_if = "Wishes::is_none")]
    pub wishes: Wishes,
    /// It is undeployed soon, which was said then; it is not once somebody uses it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warned: Option<Time>,
    /// Its snapshots, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub snapshots: Vec<Snapshot>,
    /// What is done with one, as soon as nothing of it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<Task>,
    /// Why that is given up, or why what was last to be done with one was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undone: Option<String>,
}

impl Wishes {
    fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

impl Environment {
    /// One that was just heard of, of a stranger until somebody knows better.
    pub fn new(id: Id, revision: Revision, is_approved: bool, now: Time) -> Self {
        Self {
            id,
            revision,
            recipe: String::new(),
            phase: if is_approved {
                Phase::Queued
            } else {
                Phase::Unapproved
            },
            since: now,
            created: now,
            used: now,
            turn: None,
            asked: None,
            attempt: 0,
            held: None,
            is_trusted: false,
            is_prepared: false,
            is_good: false,
            is_pinned: false,
            leaving: None,
            failures: 0,
            reason: None,
            images: Images::Ours,
            wishes: Wishes::default(),
            warned: None,
            snapshots: Vec::new(),
            task: None,
            undone: None,
        }
    }

    /// What it takes of what there is only so much of.
    pub fn slot(&self) -> Option<Slot> {
        match self.phase {
            Phase::Preparing => Some(Slot::Preparing),
            Phase::Starting | Phase::Running | Phase::Stopping => Some(Slot::Running),
            // Its processes are there until they are said to be gone.
            Phase::Removing | Phase::Stuck => self.held,
            Phase::Unapproved
            | Phase::Undeployed
            | Phase::Queued
            | Phase::Asleep
            | Phase::Saving
            | Phase::Restoring
            | Phase::Failed => None,
        }
    }

    /// Whether it has anything: images, a database, files.
    pub fn is_kept(&self) -> bool {
        !matches!(
            self.phase,
            Phase::Unapproved | Phase::Undeployed | Phase::Queued
        )
    }

    /// Whether it has a snapshot of that name.
    pub fn has_snapshot(&self, name: &str) -> bool {
        self.snapshots.iter().any(|one| one.name == name)
    }

    /// Whether it will soon have nothing any more.
    pub fn is_leaving(&self) -> bool {
        matches!(self.leaving, Some(Leaving::ForGood | Leaving::ForNow))
    }
}
