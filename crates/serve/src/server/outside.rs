//! The forges of the configuration that holds: watched, and told how environments are.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch::Receiver;
use tokio::task::JoinSet;

use super::error::ServeError;
use super::held::Held;
use super::said::{Said, Say};
use crate::forge::{Pace, Reporter, Rhythm, State, Watchers};
use crate::keeper::Keeper;
use crate::web::Mark;

/// Who watches forges and tells them; ends when it is dropped.
pub(super) struct Outside {
    watchers: Watchers,
    _tasks: JoinSet<()>,
}

/// Those that work now; clones are the same.
pub(super) type Working = Arc<Mutex<Option<Outside>>>;

impl Outside {
    /// Begins to watch and to tell; what is in the way of watching is said once. `journal`: its folder.
    pub(super) fn start(
        held: &Held,
        journal: &Path,
        keeper: &Keeper,
        say: &Say,
    ) -> Result<Self, ServeError> {
        let settled = held.now();
        let (config, secrets) = (&settled.config, &settled.secrets);
        let watchers = Watchers::start(config, secrets, &held.folder, keeper, Pace::default())?;
        let folders = [held.folder.as_path(), journal];
        let reporter = Reporter::new(config, secrets, folders, keeper, Rhythm::default())?;
        let mut tasks = JoinSet::new();
        tasks.spawn(tell_trouble(reporter.trouble(), Clone::clone, say.clone()));
        tasks.spawn(reporter.run());
        for repository in watchers.states().into_keys() {
            if let Some(state) = watchers.follow(&repository) {
                let trouble = move |state: &State| {
                    let trouble = state.trouble.as_ref()?;
                    Some(format!("{repository}: {trouble}"))
                };
                tasks.spawn(tell_trouble(state, trouble, say.clone()));
            }
        }
        Ok(Self {
            watchers,
            _tasks: tasks,
        })
    }
}

/// From now on this one works; the one before ends.
pub(super) fn set(working: &Working, outside: Option<Outside>) {
    *working.lock().unwrap_or_else(PoisonError::into_inner) = outside;
}

/// Has a repository listed again by whoever works then.
pub(super) fn mark(working: &Working) -> Mark {
    let working = Arc::clone(working);
    Arc::new(move |repository| {
        let working = working.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(outside) = &*working {
            outside.watchers.mark(repository);
        }
    })
}

/// Says what is in the way, once until it is something else; ends with whoever it is in the way of.
async fn tell_trouble<T>(mut state: Receiver<T>, trouble: impl Fn(&T) -> Option<String>, say: Say) {
    let mut last = None;
    while state.changed().await.is_ok() {
        let now = trouble(&state.borrow_and_update());
        if now != last {
            if let Some(trouble) = &now {
                say(&Said::Warning(trouble.clone()));
            }
            last = now;
        }
    }
}
