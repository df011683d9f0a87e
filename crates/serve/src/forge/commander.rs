//! Does what people say in comments on pull requests, if the forge says that they may write to the repository.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use boatyard_preview::approval::{NotApproved, approves};
use boatyard_preview::config::Config;
use boatyard_preview::environment::Environment;
use boatyard_preview::forge::Command;

use super::api::Client;
use super::{Reaction, Secrets};
use crate::keeper::Keeper;
use crate::web::Action;

/// Letters of a commit that are enough to mean it, by somebody who may do the same to all of them.
const SHORTEST: usize = 7;
/// How long somebody who may write is believed to, but for approving: for that, the forge is asked anew each time.
const HOLDS: Duration = Duration::from_secs(60);

/// Does what people say. Clones are the same.
#[derive(Clone)]
pub struct Commander {
    keeper: Keeper,
    /// Of each forge that can be asked who may, and answered.
    clients: Arc<BTreeMap<String, Arc<Client>>>,
}

/// What somebody is answered.
struct Answer {
    reaction: Reaction,
    /// In a comment of its own, if there is more to say.
    words: Option<String>,
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
        let action = Action::named(&command.verb);
        let holds = match action {
            Some(Action::Approve) => Duration::ZERO,
            _ => HOLDS,
        };
        let (asked, name) = (Arc::clone(client), command.clone());
        let may = tokio::task::spawn_blocking(move || {
            asked.may_write(&name.place.repository.name, &name.author, holds)
        });
        let answer = match may.await {
            Ok(Ok(true)) => self.carry_out(action, &command).await,
            Ok(Ok(false)) => Reaction::No.into(),
            // Who may is not known, so nobody does.
            Ok(Err(_)) | Err(_) => return None,
        };
        let reaction = answer.reaction;
        let client = Arc::clone(client);
        // The deed counts more than the word about it.
        let _ = tokio::task::spawn_blocking(move || {
            let Command { place, comment, .. } = &command;
            let reacted = client.react(place, *comment, reaction);
            let said = answer.words.map(|words| client.say(place, &words));
            reacted.and(said.unwrap_or(Ok(())))
        })
        .await;
        Some(reaction)
    }

    async fn carry_out(&self, action: Option<Action>, command: &Command) -> Answer {
        let Some(action) = action else {
            return Reaction::What.into();
        };
        let found = self.keeper.look(|known| {
            let all = known.inventory.of_place(&command.place);
            let fitting = all.filter(|one| !one.is_leaving() && is_meant(one, action, command));
            fitting.max_by_key(|one| (one.created, one.id)).cloned()
        });
        let Some(one) = found else {
            return match action {
                Action::Approve => not_approved(command.word.as_deref()),
                _ => Reaction::What.into(),
            };
        };
        if action.is_so(&one) {
            return Reaction::Done.into();
        }
        if action.refusal(&one).is_some() {
            return Reaction::What.into();
        }
        let by = format!("{} on {}", command.author, command.place.repository.forge);
        match self.keeper.ask(&one.id, action.event(), &by).await {
            Ok(_) => Reaction::Done.into(),
            Err(_) => Reaction::What.into(),
        }
    }
}

/// Whether the command is about this commit. Who approves says which one, wholly: another may have been pushed since he looked.
fn is_meant(one: &Environment, action: Action, command: &Command) -> bool {
    let commit = &one.revision.commit;
    if action == Action::Approve {
        return approves(command.word.as_deref(), commit).is_ok();
    }
    command
        .word
        .as_ref()
        .is_none_or(|word| word.len() >= SHORTEST && commit.starts_with(&word.to_ascii_lowercase()))
}

/// Why nothing was approved: no environment there has the commit that was said.
fn not_approved(said: Option<&str>) -> Answer {
    let why = approves(said, "").err().unwrap_or(NotApproved::Other);
    Answer {
        reaction: Reaction::What,
        words: Some(format!("Nothing is approved: {why}; {}.\n", why.help())),
    }
}

impl From<Reaction> for Answer {
    fn from(reaction: Reaction) -> Self {
        Self {
            reaction,
            words: None,
        }
    }
}
