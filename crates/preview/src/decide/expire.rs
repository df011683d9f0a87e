//! What takes too long, is not used, or failed a while ago.

use super::Why;
use super::plan::Plan;
use crate::environment::{Environment, Leaving};
use crate::id::Id;
use crate::phase::{Event, Phase};

pub(super) fn expire(plan: &mut Plan<'_>) {
    let found: Vec<(Id, Event, Why)> = plan
        .there
        .all()
        .filter_map(|one| {
            let (event, why) = due(plan, one)?;
            Some((one.id, event, why))
        })
        .collect();
    for (id, event, why) in found {
        plan.happens(&id, event, why);
    }
}

fn due(plan: &Plan<'_>, one: &Environment) -> Option<(Event, Why)> {
    let times = &plan.policy.times;
    let entered = plan.now.since(one.since);
    let unused = plan.now.since(one.used.max(one.since));
    let expire = |limit: std::time::Duration| {
        let text = format!("it took longer than {} s", limit.as_secs());
        Some((Event::Expire(text), Why::TooLong))
    };
    let waited = entered >= times.wait(one.failures);
    match one.phase {
        Phase::Preparing if entered >= times.preparing && one.reason.is_none() => {
            expire(times.preparing)
        }
        Phase::Saving | Phase::Restoring if entered >= times.preparing && one.undone.is_none() => {
            expire(times.preparing)
        }
        Phase::Undeployed if entered >= times.snapshots => {
            let oldest = one.snapshots.first()?;
            Some((Event::Discard(oldest.name.clone()), Why::Outdated))
        }
        Phase::Starting if entered >= times.starting => expire(times.starting),
        Phase::Running if !one.is_pinned && times.idle(one).is_some_and(|idle| unused >= idle) => {
            Some((Event::Stop, Why::Unused))
        }
        Phase::Asleep | Phase::Failed => {
            let life = times.lifetime(one).filter(|_| !one.is_pinned);
            if life.is_some_and(|life| unused >= life) {
                return Some((Event::Undeploy, Why::Unused));
            }
            let is_due = life.is_some_and(|life| unused >= times.unwarned(life));
            let is_other = is_due != one.warned.is_some();
            is_other.then_some((Event::Warn(is_due), Why::Unneeded(is_due)))
        }
        Phase::Stuck if waited => {
            let event = match one.leaving {
                Some(Leaving::ForGood) => Event::Remove,
                Some(Leaving::ForNow) => Event::Undeploy,
                Some(Leaving::Again) => Event::Reset,
                None => Event::Stop,
            };
            Some((event, Why::Again))
        }
        _ => None,
    }
}
