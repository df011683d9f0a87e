//! One event at one environment.

use crate::environment::{Environment, Leaving};
use crate::phase::{Effect, Event, Kind, Phase, To, leads};
use crate::snapshot;
use crate::time::Time;

/// What comes of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Next {
    /// What is known now; none: it is gone.
    pub environment: Option<Environment>,
    /// What the backend has to do, with this number.
    pub effect: Option<(Effect, u32)>,
}

/// An event that cannot happen, or is no longer about what is there. Nothing changes; the event is to be logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// What the backend tells is of an effect that has been overtaken.
    #[error("it tells of attempt {told}, and {attempt} is under way")]
    Stale {
        /// The attempt that it is about.
        told: u32,
        /// The attempt that is under way.
        attempt: u32,
    },
    /// The phase does not have it.
    #[error("{kind:?} does not happen to what is {phase}")]
    Impossible {
        /// What happened.
        kind: Kind,
        /// The phase.
        phase: Phase,
    },
    /// It cannot be done with snapshots.
    #[error(transparent)]
    Snapshot(#[from] snapshot::Refusal),
}

/// What comes of `event`. `told`: the number of the effect that it is about, for what a backend tells.
///
/// # Errors
/// If the event cannot happen in this phase, or is of an earlier effect.
pub fn step(
    environment: &Environment,
    event: &Event,
    told: Option<u32>,
    now: Time,
) -> Result<Next, Refused> {
    if let Some(told) = told.filter(|told| *told != environment.attempt) {
        let attempt = environment.attempt;
        return Err(Refused::Stale { told, attempt });
    }
    snapshot::check(environment, event)?;
    let mut next = environment.clone();
    let Some(kind) = event.kind() else {
        note(&mut next, event, now);
        return Ok(Next {
            environment: Some(next),
            effect: None,
        });
    };
    if kind == Kind::Stop && is_waited_for(environment) {
        // Whoever has it stopped wants that nobody waits for it any more.
        next.asked = None;
        return Ok(Next {
            environment: Some(next),
            effect: None,
        });
    }
    let phase = environment.phase;
    let refused = Refused::Impossible { kind, phase };
    let is_possible = match (phase, kind) {
        (Phase::Failed, Kind::Start | Kind::Save | Kind::Restore) => environment.is_prepared,
        (Phase::Queued, Kind::Fail) => environment.images.awaited().is_some(),
        (Phase::Stuck, Kind::Stop) => environment.leaving.is_none(),
        // What is to be forgotten is not remembered after all.
        (Phase::Stuck | Phase::Removing, Kind::Undeploy | Kind::Reset) => {
            environment.leaving != Some(Leaving::ForGood)
        }
        (_, Kind::Done) => matches!(event, Event::Saved(_)) == (phase == Phase::Saving),
        _ => true,
    };
    let to = leads(phase, kind).filter(|_| is_possible).ok_or(refused)?;
    let (to, effect) = match to {
        To::Gone if environment.leaving == Some(Leaving::Again) => (Phase::Queued, None),
        To::Gone if environment.leaving == Some(Leaving::ForNow) && kind == Kind::Done => {
            (Phase::Undeployed, None)
        }
        To::Gone => {
            return Ok(Next {
                environment: None,
                effect: None,
            });
        }
        To::Phase(Phase::Asleep, None) => rest(environment, kind),
        To::Phase(to, effect) => (to, effect),
    };
    enter(&mut next, environment, to, event, now);
    if effect.is_some() {
        next.attempt = next.attempt.wrapping_add(1);
    }
    let effect = effect.map(|effect| (effect, next.attempt));
    Ok(Next {
        environment: Some(next),
        effect,
    })
}

/// What is due for an environment of which nobody knows whether it is being carried out, with a number of its own: what is
/// still to be heard of the earlier attempt is no longer about this.
pub fn resume(environment: &Environment) -> Option<Next> {
    let effect = match environment.phase.effect()? {
        Effect::Prepare if environment.reason.is_some() => Effect::Cancel,
        Effect::Save | Effect::Restore if environment.undone.is_some() => Effect::Cancel,
        effect => effect,
    };
    let attempt = environment.attempt.wrapping_add(1);
    Some(Next {
        environment: Some(Environment {
            attempt,
            ..environment.clone()
        }),
        effect: Some((effect, attempt)),
    })
}

/// What becomes of what runs nothing any more: that it failed is not forgotten, unless it has other data now.
fn rest(before: &Environment, kind: Kind) -> (Phase, Option<Effect>) {
    match (before.phase, &before.task) {
        (Phase::Stopping, Some(task)) => task.begins(),
        (Phase::Preparing, _) => (Phase::Asleep, None),
        (Phase::Restoring, _) if kind == Kind::Done => (Phase::Asleep, None),
        _ if before.reason.is_some() => (Phase::Failed, None),
        _ => (Phase::Asleep, None),
    }
}

/// Whether it would run once it could, and does nothing that could be stopped.
fn is_waited_for(one: &Environment) -> bool {
    let is_at_rest = matches!(
        one.phase,
        Phase::Queued
            | Phase::Preparing
            | Phase::Asleep
            | Phase::Stopping
            | Phase::Saving
            | Phase::Restoring
            | Phase::Failed
    );
    is_at_rest && one.asked.is_some()
}

/// What changes no phase.
fn note(next: &mut Environment, event: &Event, now: Time) {
    match event {
        Event::Use => {
            (next.used, next.warned) = (now, None);
            if !matches!(next.phase, Phase::Running | Phase::Undeployed) {
                next.asked = next.asked.or(Some(now));
            }
        }
        Event::Pin(is_pinned) => (next.is_pinned, next.warned) = (*is_pinned, None),
        Event::Warn(is_due) => next.warned = is_due.then_some(now),
        Event::Wish(wishes) => next.wishes = *wishes,
        Event::Images(images) if next.phase == Phase::Queued => next.images.clone_from(images),
        Event::Discard(name) => next.snapshots.retain(|one| one.name != *name),
        _ => {}
    }
}

/// It again, with nothing but its snapshots.
fn anew(before: &Environment, now: Time) -> Environment {
    Environment {
        recipe: before.recipe.clone(),
        is_trusted: before.is_trusted,
        attempt: before.attempt,
        created: before.created,
        turn: before.turn,
        snapshots: before.snapshots.clone(),
        images: before.images.anew(),
        ..Environment::new(before.id, before.revision.clone(), true, now)
    }
}

fn enter(next: &mut Environment, before: &Environment, to: Phase, event: &Event, now: Time) {
    next.phase = to;
    if to != before.phase {
        next.since = now;
    }
    match (before.phase, event) {
        (_, Event::Save(_) | Event::Restore(_)) => snapshot::begin(next, event, now),
        (_, Event::Reset | Event::Undeploy | Event::Remove) => {
            if before.phase != Phase::Removing {
                next.held = before.slot();
            }
            if before.leaving.is_none() {
                // What counts from now on is how often it could not be taken away.
                next.failures = 0;
            }
            (next.task, next.undone) = (None, None);
            next.leaving = Some(match event {
                Event::Reset => Leaving::Again,
                Event::Undeploy => Leaving::ForNow,
                _ => Leaving::ForGood,
            });
        }
        (Phase::Saving | Phase::Restoring, event) => snapshot::go_on(next, event, now),
        (_, Event::Expire(why) | Event::Break(why)) => next.reason = Some(why.clone()),
        // Who has it stopped does not wait for it, nor anybody else now.
        (Phase::Starting, Event::Stop) => next.asked = None,
        // Why it was given up is worth more than that it was.
        (_, Event::Fail(why)) => {
            next.reason = Some(before.reason.clone().unwrap_or_else(|| why.clone()));
        }
        _ => {}
    }
    match to {
        Phase::Queued => {
            *next = Environment {
                is_pinned: before.is_pinned,
                asked: before.asked,
                ..anew(before, now)
            };
        }
        Phase::Undeployed => {
            *next = Environment {
                phase: to,
                ..anew(before, now)
            };
        }
        Phase::Asleep if before.phase == Phase::Preparing => {
            (next.is_prepared, next.failures, next.reason) = (true, 0, None);
        }
        Phase::Preparing if before.phase == Phase::Queued => next.turn = Some(now),
        Phase::Starting => next.reason = None,
        Phase::Running => {
            (next.is_good, next.failures, next.asked, next.used) = (true, 0, None, now);
            next.warned = None;
        }
        Phase::Stopping if before.phase == Phase::Running && !matches!(event, Event::Break(_)) => {
            next.reason = None;
        }
        Phase::Stuck => {
            next.failures = next.failures.saturating_add(1);
            if before.phase == Phase::Stopping {
                next.held = before.slot();
            }
        }
        Phase::Failed if !matches!(before.phase, Phase::Saving | Phase::Restoring) => {
            next.failures = next.failures.saturating_add(1);
            if matches!(before.phase, Phase::Queued | Phase::Preparing) {
                next.asked = None;
            }
        }
        _ => {}
    }
}
