//! What is wanted and not there.

use std::collections::BTreeSet;

use super::Why;
use super::plan::{Ground, Plan};
use crate::environment::Environment;
use crate::id::Id;
use crate::images::{Awaited, Images};
use crate::phase::{Event, Phase};
use crate::revision::{Place, Revision};
use crate::time::Time;
use crate::wanted::Head;

/// One environment for each head, however often it is heard of; who may run it was approved by somebody, or need not be.
pub(super) fn appear(plan: &mut Plan<'_>, places: &BTreeSet<Place>) {
    let mut approved = Vec::new();
    let mut new = Vec::new();
    for place in places {
        let Some(ground) = plan.ground(&place.repository) else {
            continue;
        };
        let head = ground.head(&place.subject);
        let Some(head) = head.filter(|head| ground.refuses(&place.subject, head).is_none()) else {
            continue;
        };
        let is_approved = ground.watch.approves(head);
        let mut there = plan.there.of_place(place);
        match there.find(|one| ground.is_of(one, head)) {
            // Somebody has been trusted since, so it may be run, if without secrets. The other way round is no reason to
            // end what runs.
            Some(one) if is_approved && one.phase == Phase::Unapproved => approved.push(one.id),
            Some(_) => {}
            None => new.push(environment(&ground, place, head, plan.now)),
        }
    }
    for id in approved {
        plan.happens(&id, Event::Approve, Why::Pushed);
    }
    for one in new {
        // It may be known by another spelling of the repository.
        if plan.there.get(&one.id).is_none() {
            plan.create(one, Why::Pushed);
        }
    }
}

fn environment(ground: &Ground<'_, '_>, place: &Place, head: &Head, now: Time) -> Environment {
    let place = place.clone();
    let commit = head.commit.clone();
    let revision = Revision { place, commit };
    let id = Id::of(&revision, &ground.watch.recipe);
    Environment {
        is_trusted: head.is_trusted,
        recipe: ground.watch.recipe.clone(),
        images: if ground.watch.awaits {
            Images::Awaited(Awaited::default())
        } else {
            Images::Ours
        },
        ..Environment::new(id, revision, ground.watch.approves(head), now)
    }
}
