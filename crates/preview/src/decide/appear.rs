//! What is wanted and not there.

use super::Why;
use super::plan::Plan;
use crate::environment::Environment;
use crate::id::Id;
use crate::phase::Event;
use crate::revision::{Place, Revision};

/// One environment for each head, however often it is heard of; who may run it was approved by somebody, or need not be.
pub(super) fn appear(plan: &mut Plan<'_>) {
    for repository in plan.policy.repositories.keys() {
        let Some(listing) = plan.wanted.get(repository) else {
            continue;
        };
        for (subject, head) in &listing.open {
            if head.is_draft && !plan.policy.drafts {
                continue;
            }
            let revision = Revision {
                place: Place {
                    repository: repository.clone(),
                    subject: subject.clone(),
                },
                commit: head.commit.clone(),
            };
            let id = Id::of(&revision, &plan.policy.recipe);
            match plan.there.get(&id) {
                None => {
                    let new = Environment::new(id, revision, head.is_trusted, plan.now);
                    plan.create(new, Why::Pushed);
                }
                // Somebody has been trusted since. The other way round is no reason to end what runs.
                Some(_) if head.is_trusted => plan.happens(&id, Event::Approve, Why::Pushed),
                Some(_) => {}
            }
        }
    }
}
