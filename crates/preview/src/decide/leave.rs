//! What is wanted no more. Only a positive word removes anything: a forge that is silent, says nothing or only a part, removes
//! nothing.

use super::Why;
use super::plan::Plan;
use crate::environment::Environment;
use crate::id::Id;
use crate::phase::{Event, Phase};
use crate::revision::Revision;

pub(super) fn leave(plan: &mut Plan<'_>) {
    let leaving: Vec<(Id, Why)> = plan
        .there
        .all()
        .filter(|one| !one.is_leaving())
        .filter_map(|one| Some((one.id.clone(), why(plan, one)?)))
        .collect();
    for (id, why) in leaving {
        plan.happens(&id, Event::Remove, why);
    }
}

fn why(plan: &Plan<'_>, one: &Environment) -> Option<Why> {
    let place = &one.revision.place;
    if !plan.policy.repositories.contains_key(&place.repository) {
        return Some(Why::Unwatched);
    }
    if plan.is_closed(place) {
        return Some(Why::Closed);
    }
    let head = plan.head(place)?;
    if let Some(why) = plan.refuses(place, head) {
        return Some(why);
    }
    let newest = Revision {
        place: place.clone(),
        commit: head.commit.clone(),
    };
    let newest = plan.there.get(&plan.id(&newest))?;
    if newest.id == one.id {
        return None;
    }
    // What has answered stays until its successor answers; the rest is worth nothing any more.
    let is_done = matches!(newest.phase, Phase::Asleep | Phase::Running) && newest.is_prepared;
    (!one.is_pinned && (is_done || !one.is_prepared)).then(|| Why::Replaced(newest.id.clone()))
}
