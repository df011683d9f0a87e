//! Watching the repositories of the configuration that holds, and saying what is in the way.

use boatyard_preview::revision::Repository;

use super::error::ServeError;
use super::held::Held;
use super::said::{Said, Say};
use crate::forge::{Pace, Watchers};
use crate::keeper::Keeper;

/// Begins to watch; what is in the way is said once.
pub(super) fn start(held: &Held, keeper: &Keeper, say: &Say) -> Result<Watchers, ServeError> {
    let settled = held.now();
    let (config, secrets) = (&settled.config, &settled.secrets);
    let started = Watchers::start(config, secrets, &held.folder, keeper, Pace::default());
    let watchers = started.map_err(|source| ServeError::Authority { source })?;
    for repository in watchers.states().into_keys() {
        tokio::spawn(tell_trouble(
            watchers.follow(&repository),
            repository,
            say.clone(),
        ));
    }
    Ok(watchers)
}

/// Ends with the watcher.
async fn tell_trouble(
    state: Option<tokio::sync::watch::Receiver<crate::forge::State>>,
    repository: Repository,
    say: Say,
) {
    let Some(mut state) = state else {
        return;
    };
    let mut last = None;
    while state.changed().await.is_ok() {
        let trouble = state.borrow_and_update().trouble.clone();
        if trouble != last {
            if let Some(trouble) = &trouble {
                say(&Said::Warning(format!("{repository}: {trouble}")));
            }
            last = trouble;
        }
    }
}
