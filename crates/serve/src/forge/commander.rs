//! Does what people say in comments on pull requests, if the forge says that they may write to the repository.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use boatyard_preview::config::Config;
use boatyard_preview::environment::Environment;
use boatyard_preview::forge::Command;
use boatyard_preview::phase::Phase;

use super::api::Client;
use super::{Reaction, Secrets};
use crate::keeper::Keeper;
use crate::web::Action;

/// Letters of a commit that are enough to mean it.
const SHORTEST: usize = 7;

/// Does what people say. Clones are the same.
#[derive(Clone)]
pub struct Commander {
    keeper: Keeper,
    /// Of each forge that can be asked who may, and answered.
    clients: Arc<BTreeMap<String, Arc<Client>>>,
}

impl Commander {
    /// For all forges that have an API and a token. `folder`: of the configuration.
    pub fn new(config: &Config, secrets: &Secrets, folder: &Path, keeper: &Keeper) -> Self {
        let mut clients = BTreeMap::new();
        for (name, forge) in &config.forges {
            let token = secrets.token(name).filter(|_| forge.kind.has_api());
            // Certificates that cannot be read keep the watchers from starting, and are told there.
            let client = token.and_then(|token| Client::new(forge, Some(token), folder).ok());
            clients.extend(client.map(|client| (forge.name(), Arc::new(client))));
        }
        Self {
            keeper: keeper.clone(),
            clients: Arc::new(clients),
        }
    }

    /// Does it, and answers with a reaction at the comment. What was answered; none: the forge cannot be asked, so nothing is done.
    pub async fn obey(&self, command: Command) -> Option<Reaction> {
        let client = self.clients.get(&command.place.repository.forge)?;
        let (asked, name) = (Arc::clone(client), command.clone());
        let may = tokio::task::spawn_blocking(move || {
            asked.may_write(&name.place.repository.name, &name.author)
        });
        let reaction = match may.await {
            Ok(Ok(true)) => self.carry_out(&command).await,
            Ok(Ok(false)) => Reaction::No,
            // Who may is not known, so nobody does.
            Ok(Err(_)) | Err(_) => return None,
        };
        let client = Arc::clone(client);
        // The deed counts more than the word about it.
        let _ = tokio::task::spawn_blocking(move || {
            let Command { place, comment, .. } = &command;
            client.react(place, *comment, reaction)
        })
        .await;
        Some(reaction)
    }

    async fn carry_out(&self, command: &Command) -> Reaction {
        let Some(action) = Action::named(&command.verb) else {
            return Reaction::What;
        };
        let found = self.keeper.look(|known| {
            let all = known.inventory.of_place(&command.place);
            let fitting = all.filter(|one| !one.is_leaving() && is_meant(one, action, command));
            fitting.max_by_key(|one| (one.created, one.id)).cloned()
        });
        let Some(one) = found else {
            return Reaction::What;
        };
        if action.is_so(&one) {
            return Reaction::Done;
        }
        if action.refusal(&one).is_some() {
            return Reaction::What;
        }
        let by = format!("{} on {}", command.author, command.place.repository.forge);
        match self.keeper.ask(&one.id, action.event(), &by).await {
            Ok(_) => Reaction::Done,
            Err(_) => Reaction::What,
        }
    }
}

/// Whether the command is about this commit. Who approves says which one: another may have been pushed since he looked.
fn is_meant(one: &Environment, action: Action, command: &Command) -> bool {
    match &command.word {
        Some(word) => {
            let commit = word.to_ascii_lowercase();
            commit.len() >= SHORTEST && one.revision.commit.starts_with(&commit)
        }
        None => !(action == Action::Approve && one.phase == Phase::Unapproved),
    }
}
