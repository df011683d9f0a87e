//! What is wanted no more. Only a positive word removes anything: a forge that is silent, says nothing or only a part, removes
//! nothing.

use std::collections::BTreeSet;

use super::Why;
use super::plan::{Ground, Plan};
use crate::environment::{Environment, Leaving};
use crate::phase::{Event, Phase};
use crate::revision::{Place, Subject};

pub(super) fn leave(plan: &mut Plan<'_>, places: &BTreeSet<Place>) {
    let mut leaving = Vec::new();
    for place in places {
        let ground = plan.ground(&place.repository);
        let all = || plan.there.of_place(place);
        for one in all().filter(|one| one.leaving != Some(Leaving::ForGood)) {
            let why = match &ground {
                None => Some(Why::Unwatched),
                Some(ground) => why(ground, &place.subject, one, all()),
            };
            leaving.extend(why.map(|why| (one.id, why)));
        }
    }
    for (id, why) in leaving {
        plan.happens(&id, Event::Remove, why);
    }
}

/// Why `one` of `all` that its subject has is wanted no more.
fn why<'a>(
    ground: &Ground<'_, '_>,
    subject: &Subject,
    one: &Environment,
    mut all: impl Iterator<Item = &'a Environment>,
) -> Option<Why> {
    if ground.is_closed(subject) {
        return Some(Why::Closed);
    }
    let head = ground.head(subject)?;
    if let Some(why) = ground.refuses(subject, head) {
        return Some(why);
    }
    let newest = all.find(|one| ground.is_of(one, head))?;
    if newest.id == one.id {
        return None;
    }
    // What has answered stays until its successor answers; the rest is worth nothing any more.
    let is_done = matches!(newest.phase, Phase::Asleep | Phase::Running) && newest.is_prepared;
    (!one.is_pinned && (is_done || !one.is_prepared)).then_some(Why::Replaced(newest.id))
}
