//! What is in the way of the server's work, for whoever looks.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use boatyard_preview::revision::Repository;

/// What something is in the way of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Work {
    /// Watching a repository.
    Watching(Repository),
    /// Telling forges how environments are.
    Telling,
    /// Doing what people say in comments, and answering them.
    Answering,
    /// Hearing what others do on the cluster.
    Hearing,
}

impl Work {
    /// One word for it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Watching(_) => "watching",
            Self::Telling => "telling",
            Self::Answering => "answering",
            Self::Hearing => "hearing",
        }
    }
}

/// What is in the way now, in the order of what it is in the way of. Clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Troubles(Arc<RwLock<BTreeMap<Work, String>>>);

impl Troubles {
    /// From now on that is in the way of the work; none: nothing is.
    pub fn set(&self, work: &Work, trouble: Option<String>) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        match trouble {
            Some(trouble) => all.insert(work.clone(), trouble),
            None => all.remove(work),
        };
    }

    /// All of it.
    pub fn all(&self) -> BTreeMap<Work, String> {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        all.clone()
    }
}
