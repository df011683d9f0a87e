//! The forges of the configuration that holds: watched, and told how environments are.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::watch::Receiver;
use tokio::task::JoinSet;

use super::error::ServeError;
use super::held::Held;
use super::said::{Said, Say};
use crate::forge::{Commander, Pace, Reporter, Rhythm, State, Watchers};
use crate::keeper::Keeper;
use crate::logs::Logs;
use crate::trouble::{Troubles, Work};
use crate::web::{Mark, Site};

/// Who watches forges and tells them; ends when it is dropped.
pub(super) struct Outside {
    watchers: Watchers,
    troubles: Troubles,
    commander: Commander,
    _tasks: JoinSet<()>,
}

/// Those that work now; clones are the same.
pub(super) type Working = Arc<Mutex<Option<Outside>>>;

impl Outside {
    /// Begins to watch and to tell; what is in the way is said once, unless it was `before`, and so is what is in the way of `hearing`
    /// what happens where environments are. `journal`: its folder.
    pub(super) fn start(
        held: &Held,
        journal: &Path,
        (keeper, logs): (&Keeper, &Logs),
        (before, say): (&Troubles, &Say),
        hearing: Option<Receiver<Option<String>>>,
    ) -> Result<Self, ServeError> {
        let settled = held.now();
        let (config, secrets) = (&settled.config, &settled.secrets);
        let watchers = Watchers::start(config, secrets, &held.folder, keeper, Pace::default())?;
        let folders = [held.folder.as_path(), journal];
        let (reporter, left) = Reporter::new(config, secrets, folders, keeper, Rhythm::default())?;
        let (commander, unanswered) = Commander::new(config, secrets, folders, (keeper, logs))?;
        let mut tasks = JoinSet::new();
        let troubles = Troubles::default();
        let before = before.all();
        let teller = |work| {
            let last = before.get(&work).cloned();
            troubles.set(&work, last.clone());
            Teller {
                work,
                last,
                troubles: troubles.clone(),
                say: say.clone(),
            }
        };
        tasks.spawn(teller(Work::Telling).follow(reporter.trouble(), Clone::clone));
        tasks.spawn(teller(Work::Answering).follow(commander.trouble(), Clone::clone));
        if let Some(hearing) = hearing {
            tasks.spawn(teller(Work::Hearing).follow(hearing, Clone::clone));
        }
        tasks.spawn(say_each(left, say.clone()));
        tasks.spawn(say_each(unanswered, say.clone()));
        tasks.spawn(commander.clone().run());
        tasks.spawn(reporter.run());
        for repository in watchers.states().into_keys() {
            if let Some(state) = watchers.follow(&repository) {
                let name = repository.clone();
                let trouble = move |state: &State| {
                    let trouble = state.trouble.as_ref()?;
                    Some(format!("{repository}: {trouble}"))
                };
                tasks.spawn(teller(Work::Watching(name)).follow(state, trouble));
            }
        }
        Ok(Self {
            watchers,
            troubles,
            commander,
            _tasks: tasks,
        })
    }
}

/// From now on this one works, and what is in its way is shown at `site`; the one before ends.
pub(super) fn set(working: &Working, site: &Site, outside: Option<Outside>) {
    if let Some(outside) = &outside {
        site.follow_troubles(outside.troubles.clone());
        let commander = outside.commander.clone();
        site.follow_obey(Arc::new(move || commander.wake()));
    }
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

/// Says what is said once, and is in nobody's way.
async fn say_each(mut left: UnboundedReceiver<String>, say: Say) {
    while let Some(what) = left.recv().await {
        say(&Said::Warning(what));
    }
}

/// Tells what is in the way of some work.
struct Teller {
    work: Work,
    /// What was in the way when it was last heard of.
    last: Option<String>,
    troubles: Troubles,
    say: Say,
}

impl Teller {
    /// Says what is in the way and that it no longer is, each once; ends with whoever it is in the way of.
    async fn follow<T>(mut self, mut state: Receiver<T>, trouble: impl Fn(&T) -> Option<String>) {
        while state.changed().await.is_ok() {
            let now = trouble(&state.borrow_and_update());
            if now == self.last {
                continue;
            }
            self.troubles.set(&self.work, now.clone());
            match (&self.last, &now) {
                // Each report that a forge does not take has an address of its own, and what may not be watched is often of several
                // kinds: one stands for all.
                (Some(_), Some(_)) if !matches!(self.work, Work::Watching(_)) => {}
                (_, Some(trouble)) => (self.say)(&Said::Warning(trouble.clone())),
                (_, None) => (self.say)(&Said::Mended(match &self.work {
                    Work::Watching(repository) => format!("{repository} is watched again"),
                    Work::Telling => "forges are told again".to_owned(),
                    Work::Answering => "comments are answered again".to_owned(),
                    Work::Hearing => "what others do on the cluster is seen again".to_owned(),
                })),
            }
            self.last = now;
        }
        // Nobody does this work.
        self.troubles.set(&self.work, None);
    }
}
