//! What takes too long, is not used, or failed a while ago.

use std::time::Duration;

use super::Why;
use super::plan::Plan;
use crate::environment::{Environment, Leaving};
use crate::id::Id;
use crate::phase::{Event, Phase};
use crate::policy::Times;
use crate::time::Time;

/// What time alone makes of an environment, if nothing else happens to it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Due {
    /// That, now.
    Now(Event, Why),
    /// Something at that moment, and nothing before it.
    Later(Time),
    Never,
}

pub(super) fn expire(plan: &mut Plan<'_>) {
    let mut found: Vec<(Id, Event, Why)> = Vec::new();
    for id in plan.agenda.ripe(plan.now) {
        let one = plan.there.get(&id);
        let due = one.map_or(Due::Never, |one| due(&plan.policy.times, one, plan.now));
        let later = match due {
            Due::Now(event, why) => {
                found.push((id, event, why));
                None
            }
            Due::Later(at) => Some(at),
            Due::Never => None,
        };
        plan.agenda.remind(id, later);
    }
    for (id, event, why) in found {
        plan.happens(&id, event, why);
    }
}

fn due(times: &Times, one: &Environment, now: Time) -> Due {
    let used = one.used.max(one.since);
    match one.phase {
        Phase::Queued => one.images.awaited().map_or(Due::Never, |awaited| {
            after((one.since, times.images), now, || {
                let (text, secs) = (awaited.text(), times.images.as_secs());
                let why = format!("{secs} s were not enough for {text}");
                (Event::Fail(why), Why::TooLong)
            })
        }),
        Phase::Preparing if one.reason.is_none() => too_long((one.since, times.preparing), now),
        Phase::Saving | Phase::Restoring if one.undone.is_none() => {
            too_long((one.since, times.preparing), now)
        }
        Phase::Undeployed => one.snapshots.first().map_or(Due::Never, |oldest| {
            after((one.since, times.snapshots), now, || {
                (Event::Discard(oldest.name.clone()), Why::Outdated)
            })
        }),
        Phase::Starting => too_long((one.since, times.starting), now),
        Phase::Running if !one.is_pinned => times.idle(one).map_or(Due::Never, |idle| {
            after((used, idle), now, || (Event::Stop, Why::Unused))
        }),
        Phase::Asleep | Phase::Failed => rests(times, one, now),
        Phase::Stuck => after((one.since, times.wait(one.failures)), now, || {
            let event = match one.leaving {
                Some(Leaving::ForGood) => Event::Remove,
                Some(Leaving::ForNow) => Event::Undeploy,
                Some(Leaving::Again) => Event::Reset,
                None => Event::Stop,
            };
            (event, Why::Again)
        }),
        _ => Due::Never,
    }
}

/// What rests: it is undeployed at the end of its life, and that is told some time before.
fn rests(times: &Times, one: &Environment, now: Time) -> Due {
    let life = times.lifetime(one).filter(|_| !one.is_pinned);
    let unused = now.since(one.used.max(one.since));
    let ends = |life: Duration| one.used.max(one.since).after(life);
    let (is_due, next) = match life {
        Some(life) if unused >= life => return Due::Now(Event::Undeploy, Why::Unused),
        Some(life) if unused >= times.unwarned(life) => (true, Due::Later(ends(life))),
        Some(life) => (false, Due::Later(ends(times.unwarned(life)))),
        None => (false, Due::Never),
    };
    if is_due == one.warned.is_some() {
        return next;
    }
    Due::Now(Event::Warn(is_due), Why::Unneeded(is_due))
}

fn too_long((from, limit): (Time, Duration), now: Time) -> Due {
    after((from, limit), now, || {
        let text = format!("it took longer than {} s", limit.as_secs());
        (Event::Expire(text), Why::TooLong)
    })
}

/// That, so long after that.
fn after((from, wait): (Time, Duration), now: Time, what: impl FnOnce() -> (Event, Why)) -> Due {
    if now.since(from) < wait {
        return Due::Later(from.after(wait));
    }
    let (event, why) = what();
    Due::Now(event, why)
}

#[cfg(test)]
mod tests;
