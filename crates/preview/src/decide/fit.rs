//! Room for those whose turn it is, where no more may be kept.

use std::fmt;

use super::Why;
use super::plan::Plan;
use crate::environment::Environment;
use crate::id::Id;
use crate::phase::{Event, Phase};

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
    if plan.there.kept() + coming <= limit {
        return;
    }
    let leaving = plan
        .there
        .all()
        .filter(|one| one.is_kept() && one.is_leaving());
    let stays = plan.there.kept().saturating_sub(leaving.count());
    let excess = (stays + coming).saturating_sub(limit);
    if excess == 0 {
        return;
    }
    for (id, _) in order(plan).into_iter().take(excess) {
        plan.happens(&id, Event::Remove, Why::TooMany);
    }
}

/// All that may go, in the order in which they would.
pub(super) fn order(plan: &Plan<'_>) -> Vec<(Id, Worth)> {
    let mut victims: Vec<(Worth, &Environment)> = plan
        .there
        .all()
        .filter_map(|one| Some((worth(plan, one)?, one)))
        .collect();
    victims.sort_by_key(|(worth, one)| (*worth, one.used, one.created, one.id));
    victims
        .into_iter()
        .map(|(worth, one)| (one.id, worth))
        .collect()
}

fn worth(plan: &Plan<'_>, one: &Environment) -> Option<Worth> {
    if one.is_pinned || one.asked.is_some() || one.is_leaving() {
        return None;
    }
    let is_newest = plan
        .head(&one.revision.place)
        .is_none_or(|head| head.commit == one.revision.commit);
    match one.phase {
        Phase::Failed => Some(Worth::Failed),
        Phase::Asleep if !is_newest => Some(Worth::Replaced),
        Phase::Asleep if !is_last_good(plan, one) => Some(Worth::Sleeps),
        _ => None,
    }
}

/// Whether it is the last of its place that ever answered.
fn is_last_good(plan: &Plan<'_>, one: &Environment) -> bool {
    one.is_good
        && !plan.there.of_place(&one.revision.place).any(|other| {
            other.id != one.id
                && other.is_good
                && !other.is_leaving()
                && (other.created, &other.id) > (one.created, &one.id)
        })
}
