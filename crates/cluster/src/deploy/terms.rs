//! What goes into a deploy and what comes out of it.

use std::time::Duration;

use super::stop::Stop;
use crate::apply::Applied;
use crate::data::Kept;
use crate::manifest::Id;
use crate::rollout::Progress;
use crate::wait::Patience;

/// On what terms to deploy.
#[derive(Clone, Debug)]
pub struct Terms {
    /// Who we are, for whoever waits for us.
    pub me: String,
    /// How long to wait for somebody else's deploy.
    pub lock: Duration,
    /// How long jobs and roles may take.
    pub patience: Patience,
    /// Take over fields that somebody else has set.
    pub force: bool,
    /// What volumes have before anything begins that has them; none: what they have.
    pub begin: Option<Kept>,
    /// What stops it.
    pub stop: Stop,
}

/// What happens, as it happens.
#[derive(Clone, Debug)]
pub enum Event<'a> {
    /// Somebody else deploys; we wait.
    Waits {
        /// Who.
        holder: &'a str,
    },
    /// A manifest was applied.
    Applied(&'a Applied),
    /// A job begins.
    Job(&'a Id),
    /// How far a workload is.
    Progress(&'a Id, &'a Progress),
    /// What is no longer in the project was removed.
    Pruned(&'a Id),
    /// It failed, and is being undone.
    Undoes {
        /// Whether there is a last good state; else what was made is removed.
        to_record: bool,
    },
}

/// What is told.
pub type Tell<'a> = &'a (dyn Fn(&Event<'_>) + Sync);

/// What a deploy did.
#[derive(Clone, Debug)]
pub struct Done {
    /// What was applied, in order; jobs are not among it.
    pub applied: Vec<Applied>,
    /// Jobs that ran.
    pub jobs: Vec<Id>,
    /// What was removed.
    pub pruned: Vec<Id>,
}
