//! What is wanted and not there.

use super::Why;
use super::plan::Plan;
use crate::environment::Environment;
use crate::phase::Event;
use crate::revision::{Place, Revision};

/// One environment for each head, however often it is heard of; who may run it was approved by somebody, or need not be.
pub(super) fn appear(plan: &mut Plan<'_>) {
    for (repository, watch) in &plan.policy.repositories {
        let Some(listing) = plan.wanted.get(repository) else {
            continue;
        };
        for (subject, head) in &listing.open {
            let place = Place {
                repository: repository.clone(),
                subject: subject.clone(),
            };
            if plan.refuses(&place, head).is_some() {
                continue;
            }
            let commit = head.commit.clone();
            let revision = Revision { place, commit };
            let id = plan.id(&revision);
            let is_approved = watch.approves(head);
            match plan.there.get(&id) {
                None => {
                    let new = Environment {
                        is_trusted: head.is_trusted,
                        ..Environment::new(id, revision, is_approved, plan.now)
                    };
                    plan.create(new, Why::Pushed);
                }
                // Somebody has been trusted since, so it may be run, if without secrets. The other way round is no reason
                // to end what runs.
                Some(_) if is_approved => plan.happens(&id, Event::Approve, Why::Pushed),
                Some(_) => {}
            }
        }
    }
}
