//! Room for those whose turn it is, where no more may be kept.

use std::fmt;

use super::Why;
use super::plan::Plan;
use crate::environment::Environment;
use crate::id::Id;
use crate::inventory::Inventory;
use crate::phase::{Event, Phase};
use crate::wanted::Wanted;

/// Which may go at all, worst first: what failed, what another commit has replaced, then what only sleeps. What runs, what is
/// on its way, what is pinned, and the newest of its branch or pull request that ever answered stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Worth {
    /// It failed.
    Failed,
    /// It sleeps, and its branch or pull request has another commit.
    Replaced,
    /// It sleeps.
    Sleeps,
}

impl fmt::Display for Worth {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Failed => "it failed",
            Self::Replaced => "it sleeps, and another commit has replaced it",
            Self::Sleeps => "it sleeps, and of those that do it was used least lately",
        })
    }
}

/// Makes room for so many.
pub(super) fn fit(plan: &mut Plan<'_>, coming: usize) {
    let limit = plan.policy.limits.kept;
    let stays = plan.there.kept().saturating_sub(plan.there.leaving());
    let excess = (stays + coming).saturating_sub(limit);
    if excess == 0 {
        return;
    }
    for (id, _) in order(plan.there, plan.wanted).into_iter().take(excess) {
        plan.happens(&id, Event::Remove, Why::TooMany);
    }
}

/// All that may go, in the order in which they would.
pub(super) fn order(inventory: &Inventory, wanted: &Wanted) -> Vec<(Id, Worth)> {
    let all = [Phase::Failed, Phase::Asleep];
    let all = all.into_iter().flat_map(|phase| inventory.of_phase(phase));
    let mut victims: Vec<(Worth, &Environment)> = all
        .filter_map(|one| Some((worth(inventory, wanted, one)?, one)))
        .collect();
    victims.sort_by_key(|(worth, one)| (*worth, one.used, one.created, one.id));
    victims
        .into_iter()
        .map(|(worth, one)| (one.id, worth))
        .collect()
}

fn worth(inventory: &Inventory, wanted: &Wanted, one: &Environment) -> Option<Worth> {
    if one.is_pinned || one.asked.is_some() || one.is_leaving() {
        return None;
    }
    let place = &one.revision.place;
    let listing = wanted.get(&place.repository);
    let is_newest = listing
        .and_then(|listing| listing.open.get(&place.subject))
        .is_none_or(|head| head.commit == one.revision.commit);
    match one.phase {
        Phase::Failed => Some(Worth::Failed),
        Phase::Asleep if !is_newest => Some(Worth::Replaced),
        Phase::Asleep if !is_last_good(inventory, one) => Some(Worth::Sleeps),
        _ => None,
    }
}

/// Whether it is the last of its place that ever answered.
fn is_last_good(inventory: &Inventory, one: &Environment) -> bool {
    one.is_good
        && !inventory.of_place(&one.revision.place).any(|other| {
            other.id != one.id
                && other.is_good
                && !other.is_leaving()
                && (other.created, &other.id) > (one.created, &one.id)
        })
}
