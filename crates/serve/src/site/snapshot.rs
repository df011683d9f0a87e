//! Snapshots of databases and files: saved data (`boatyard data`) under the name of the environment.
//!
//! ```text
//! preview_ID.NAME     one that its record knows, or that is being made; any other is swept
//! ```
//! So who is killed in between leaves nothing that anybody would take for a snapshot: it is whole or not there, and in the record or
//! taken away.

use boatyard_preview::environment::Environment;
use boatyard_preview::id::Id;
use boatyard_preview::inventory::Records;
use boatyard_preview::snapshot::{Snapshot, Task};
use tokio::process::Command;

use super::call::Done;
use super::data::{Saved, There};
use super::place::{COPY, Site};
use crate::lane::{Stop, Trouble};

/// What our command exits with if the machine refuses.
const REFUSED: i32 = 3;

impl Site {
    /// Makes the snapshot that its task names; how many bytes it has. Nothing of it runs.
    pub(crate) async fn save(
        &self,
        one: &Environment,
        there: &There,
        stop: &Stop,
    ) -> Result<u64, Trouble> {
        let name = saved_as(one)?;
        let _alone = stop.unless(self.shelf.lock()).await?;
        let mut taken = 0;
        for home in self.homes() {
            // A home that was never used has none.
            if home.join("saved").is_dir() {
                let saved = self.saved(&home, stop).await?.into_iter();
                let others = saved.filter(|other| is_snapshot(other) && other.name != name);
                taken += others.map(|other| other.size_bytes).sum::<u64>();
            }
        }
        let room = (self.settings.snapshot_bytes)().saturating_sub(taken);
        let room = room.to_string();
        let words = ["data", "save", &name, "--replace", "--room", &room];
        let command = self.about(one, &words, there);
        let text = self.with_data("make the snapshot", command, stop).await?;
        let saved: Result<Saved, _> = serde_json::from_str(&text);
        let saved = saved.map_err(|error| Trouble::failed("read what was saved", error))?;
        Ok(saved.size_bytes)
    }

    /// Has its data be that of the snapshot that its task names. Nothing of it runs.
    pub(crate) async fn restore(
        &self,
        one: &Environment,
        there: &There,
        stop: &Stop,
    ) -> Result<(), Trouble> {
        let name = saved_as(one)?;
        let command = self.about(one, &["data", "restore", &name], there);
        self.with_data("restore the snapshot", command, stop)
            .await?;
        Ok(())
    }

    /// What our command answers about its data.
    async fn with_data(
        &self,
        doing: &str,
        command: Command,
        stop: &Stop,
    ) -> Result<String, Trouble> {
        match self.done_by(command, stop).await? {
            Done::Well(text) => Ok(text),
            Done::Badly { code, why } => {
                // What it says is to be done is for whoever may log in to this machine.
                let why = why.split("\nhelp: ").next().unwrap_or_default();
                let help = (code == Some(REFUSED)).then_some(
                    "\nhelp: if there is no room, remove snapshots that nobody needs; snapshot-megabytes of [limits] says \
                     how much they may be together",
                );
                let help = help.unwrap_or_default();
                Err(Trouble::failed(doing, format!("{why}{help}")))
            }
        }
    }

    /// Removes snapshots that are in nobody's records; says which. `known` is asked after all that is there has been listed.
    pub(crate) async fn sweep_snapshots(&self, known: impl Fn() -> Records) -> Vec<String> {
        let stop = Stop::new();
        let mut said = Vec::new();
        for home in self.homes() {
            if !home.join("saved").is_dir() {
                continue;
            }
            let found = self.saved(&home, &stop).await.unwrap_or_default();
            let recorded = known();
            for Saved { name, .. } in found.into_iter().filter(is_snapshot) {
                if is_known(&recorded, &name) {
                    continue;
                }
                // Nothing is begun for it meanwhile, and what was begun before is in its record.
                let turn = id_of(&name).map(|id| self.turn(&id));
                let _turn = match &turn {
                    Some(turn) => Some(turn.lock().await),
                    None => None,
                };
                if is_known(&known(), &name) {
                    continue;
                }
                let words = ["data", "rm", &name].map(Into::into).to_vec();
                said.push(match self.done(&home, words, &stop).await {
                    Ok(Done::Well(_)) => {
                        format!("removed the snapshot {name}, which nobody knows")
                    }
                    Ok(Done::Badly { why, .. }) => {
                        format!("cannot remove the snapshot {name}, which nobody knows: {why}")
                    }
                    Err(trouble) => format!("cannot remove the snapshot {name}: {trouble}"),
                });
            }
        }
        said
    }
}

impl Site {
    /// Which of these snapshots of an environment are there; all of them if nobody can tell.
    pub(crate) async fn kept(&self, one: &Environment) -> Vec<Snapshot> {
        let mut names = Vec::new();
        for home in self.homes() {
            if !home.join("saved").is_dir() {
                continue;
            }
            match self.saved(&home, &Stop::new()).await {
                Ok(saved) => names.extend(saved.into_iter().map(|saved| saved.name)),
                Err(_) => return one.snapshots.clone(),
            }
        }
        let all = one.snapshots.iter();
        let is_there = |snapshot: &&Snapshot| names.contains(&named(&one.id, &snapshot.name));
        all.filter(is_there).cloned().collect()
    }
}

/// What the snapshot that something is done with is saved as.
fn saved_as(one: &Environment) -> Result<String, Trouble> {
    let name = one.task.as_ref().map(Task::name);
    let name = name.ok_or_else(|| Trouble::Failed("no snapshot is named".to_owned()))?;
    Ok(named(&one.id, name))
}

/// What a snapshot of an environment is saved as.
fn named(id: &Id, name: &str) -> String {
    format!("{COPY}{id}.{name}")
}

fn is_snapshot(saved: &Saved) -> bool {
    saved.name.starts_with(COPY)
}

/// Which environment it is of.
fn id_of(saved_as: &str) -> Option<Id> {
    let (id, _) = saved_as.strip_prefix(COPY)?.split_once('.')?;
    id.parse().ok()
}

/// Whether it is in the records: as one that is whole, or is being made.
fn is_known(recorded: &Records, saved_as: &str) -> bool {
    let one = id_of(saved_as).and_then(|id| recorded.get(&id));
    let name = saved_as.split_once('.').map(|(_, name)| name);
    let (Some(one), Some(name)) = (one, name) else {
        return false;
    };
    one.has_snapshot(name) || one.task.as_ref().is_some_and(|task| task.name() == name)
}
