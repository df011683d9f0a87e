//! The phases of an environment, what happens to it, and what follows from what: one table.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::environment::Wishes;
use crate::images::Images;

/// How far an environment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// It is a stranger's: nothing is done before somebody says that it may be.
    Unapproved,
    /// It was undeployed though it is open: it has nothing until somebody has it made anew or there is another commit.
    Undeployed,
    /// It waits for its turn to be prepared.
    Queued,
    /// Its images are built, its database is made, its jobs run.
    Preparing,
    /// It is prepared, and runs nothing.
    Asleep,
    /// It starts, and does not answer yet.
    Starting,
    /// It answers.
    Running,
    /// It ends.
    Stopping,
    /// It is prepared and runs nothing, and a snapshot of its data is made.
    Saving,
    /// It is prepared and runs nothing, and its data becomes that of a snapshot.
    Restoring,
    /// It could not be prepared, or does not stay up.
    Failed,
    /// All that it has is taken away.
    Removing,
    /// It cannot be ended, or what it has cannot be taken away. That is tried again, and somebody should look.
    Stuck,
}

/// What happens to an environment: decided here, or told by the backend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// Somebody who may says that this commit of a stranger may be run.
    Approve,
    /// It is its turn to be prepared.
    Prepare,
    /// It is to run.
    Start,
    /// It is to run no more.
    Stop,
    /// It takes too long with what it does; the text says how long.
    Expire(String),
    /// Everything is taken away and made anew.
    Reset,
    /// Everything is taken away; that it was there is still known, so that it is not made again.
    Undeploy,
    /// Everything is taken away, and it is forgotten.
    Remove,
    /// Somebody used it, or wants to.
    Use,
    /// It keeps what it is, whatever else needs the place.
    Pin(bool),
    /// It is undeployed soon, if nobody uses it; or it is not after all.
    Warn(bool),
    /// What its commit says of its times.
    Wish(Wishes),
    /// What is known of its images, while it waits for its turn.
    Images(Images),
    /// A snapshot of that name is made.
    Save(String),
    /// Its data becomes that of the snapshot of that name.
    Restore(String),
    /// The snapshot of that name is worth nothing any more.
    Discard(String),
    /// What was begun is done: it is prepared, answers, has ended, has the data of a snapshot, or is gone.
    Done,
    /// The snapshot that was to be made is whole, and takes so many bytes.
    Saved(u64),
    /// What was begun did not go well, or what ran has ended; the text says why. Nothing of it runs any more, except for what
    /// could not be ended or taken away.
    Fail(String),
    /// What ran is broken; the text says why. Some of it may run still, and is ended.
    Break(String),
}

/// What a backend has to do. All of them may be asked for again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Build the images, make the database, run the jobs. What an earlier attempt left is used or taken away.
    Prepare,
    /// Give up what its phase has it do, and say so: what was being prepared is taken away, data is left as it is.
    Cancel,
    /// Start it, and say when it answers.
    Start,
    /// End it, and say when it has ended.
    Stop,
    /// Make the snapshot that its task names, whole or not at all, and say how much it is; one of that name that is there is of an
    /// earlier attempt.
    Save,
    /// Replace its data by that of the snapshot that its task names, wholly or not at all.
    Restore,
    /// End it if it runs, and take away all that it has.
    Remove,
}

/// What an event is, without its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// [`Event::Approve`]
    Approve,
    /// [`Event::Prepare`]
    Prepare,
    /// [`Event::Start`]
    Start,
    /// [`Event::Stop`]
    Stop,
    /// [`Event::Expire`]
    Expire,
    /// [`Event::Reset`]
    Reset,
    /// [`Event::Undeploy`]
    Undeploy,
    /// [`Event::Save`]
    Save,
    /// [`Event::Restore`]
    Restore,
    /// [`Event::Remove`]
    Remove,
    /// [`Event::Done`]
    Done,
    /// [`Event::Fail`]
    Fail,
    /// [`Event::Break`]
    Break,
}

/// Where an event leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    /// That phase, and what has to be done there.
    Phase(Phase, Option<Effect>),
    /// Nothing is left.
    Gone,
}

/// Where `kind` leads to from `from`; none: it cannot happen there.
///
/// What depends on more than the phase is in [`step`](crate::step): what was stopped because it took too long or was broken ends in `Failed`,
/// what was stopped for a snapshot goes on in `Saving` or `Restoring`, which end in `Failed` if they began there and mended
/// nothing, what waits fails only for want of images, what is removed to be made anew ends in `Queued`, what is undeployed in `Undeployed`, what waits for its start and is
/// stopped waits no more, and what is stuck goes on with what it was stuck in.
pub fn leads(from: Phase, kind: Kind) -> Option<To> {
    use Effect as Do;
    use Phase::{
        Asleep, Failed, Preparing, Queued, Removing, Restoring, Running, Saving, Starting,
        Stopping, Stuck, Unapproved, Undeployed,
    };
    let to = |phase, effect| Some(To::Phase(phase, Some(effect)));
    let quietly = |phase| Some(To::Phase(phase, None));
    match (from, kind) {
        (Unapproved, Kind::Approve) | (Undeployed, Kind::Reset) => quietly(Queued),
        (Queued, Kind::Prepare) => to(Preparing, Do::Prepare),
        (Preparing | Stopping | Saving | Restoring, Kind::Done)
        | (Saving | Restoring, Kind::Fail) => quietly(Asleep),
        (Preparing | Saving | Restoring, Kind::Expire) => to(from, Do::Cancel),
        (Asleep | Failed, Kind::Start) => to(Starting, Do::Start),
        (Asleep | Failed, Kind::Save) => to(Saving, Do::Save),
        (Asleep | Failed, Kind::Restore) => to(Restoring, Do::Restore),
        (Starting, Kind::Done) => quietly(Running),
        (Starting | Running, Kind::Stop | Kind::Save | Kind::Restore)
        | (Starting, Kind::Expire)
        | (Running, Kind::Break)
        | (Stuck, Kind::Stop) => to(Stopping, Do::Stop),
        (Queued | Preparing | Starting | Running, Kind::Fail) => quietly(Failed),
        // What it ran may run still.
        (Stopping | Removing, Kind::Fail) => quietly(Stuck),
        // What has nothing is gone at once.
        (Unapproved | Undeployed | Queued, Kind::Remove) | (Removing, Kind::Done) => Some(To::Gone),
        (Queued, Kind::Undeploy) => quietly(Undeployed),
        (Removing, Kind::Remove | Kind::Undeploy | Kind::Reset) => quietly(Removing),
        // There is nothing yet to be made anew.
        (Unapproved | Queued, Kind::Reset) | (Unapproved | Undeployed, Kind::Undeploy) => None,
        (_, Kind::Reset | Kind::Undeploy | Kind::Remove) => to(Removing, Do::Remove),
        _ => None,
    }
}

impl Phase {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Unapproved,
        Self::Undeployed,
        Self::Queued,
        Self::Preparing,
        Self::Asleep,
        Self::Starting,
        Self::Running,
        Self::Stopping,
        Self::Saving,
        Self::Restoring,
        Self::Failed,
        Self::Removing,
        Self::Stuck,
    ];

    /// The word for it, as it is written down.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unapproved => "unapproved",
            Self::Undeployed => "undeployed",
            Self::Queued => "queued",
            Self::Preparing => "preparing",
            Self::Asleep => "asleep",
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Stopping => "stopping",
            Self::Saving => "saving",
            Self::Restoring => "restoring",
            Self::Failed => "failed",
            Self::Removing => "removing",
            Self::Stuck => "stuck",
        }
    }

    /// The phase of that name.
    pub fn named(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|phase| phase.name() == text)
    }

    /// What a backend is doing in this phase, or has to do again if nobody is: what runs is started, which it may be already.
    pub fn effect(self) -> Option<Effect> {
        match self {
            Self::Preparing => Some(Effect::Prepare),
            Self::Starting | Self::Running => Some(Effect::Start),
            Self::Stopping => Some(Effect::Stop),
            Self::Saving => Some(Effect::Save),
            Self::Restoring => Some(Effect::Restore),
            Self::Removing => Some(Effect::Remove),
            Self::Unapproved
            | Self::Undeployed
            | Self::Queued
            | Self::Asleep
            | Self::Failed
            | Self::Stuck => None,
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

impl Event {
    /// What it is; none for what changes no phase.
    pub fn kind(&self) -> Option<Kind> {
        Some(match self {
            Self::Approve => Kind::Approve,
            Self::Prepare => Kind::Prepare,
            Self::Start => Kind::Start,
            Self::Stop => Kind::Stop,
            Self::Expire(_) => Kind::Expire,
            Self::Reset => Kind::Reset,
            Self::Undeploy => Kind::Undeploy,
            Self::Remove => Kind::Remove,
            Self::Done | Self::Saved(_) => Kind::Done,
            Self::Fail(_) => Kind::Fail,
            Self::Break(_) => Kind::Break,
            Self::Save(_) => Kind::Save,
            Self::Restore(_) => Kind::Restore,
            Self::Use
            | Self::Pin(_)
            | Self::Warn(_)
            | Self::Wish(_)
            | Self::Images(_)
            | Self::Discard(_) => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Phase;

    #[test]
    fn phases_have_the_names_that_they_are_written_with() {
        for one in Phase::ALL {
            let written = serde_json::to_value(one).expect("a phase is text");
            assert_eq!(written, one.name());
            assert_eq!(Phase::named(one.name()), Some(one));
        }
        assert_eq!(Phase::named("dancing"), None);
    }
}
