//! Does what people say in comments on pull requests, if the forge says that they may write to the repository.
//!
//! ```text
//! hook --> Keeper, who writes it down --> Inbox --> who may? (forge) --> Keeper: it happens, and is noted as done, at once
//!                                                                   '--> answer (forge) --> Inbox: answered
//! ```
//! Whoever is killed in between goes on where he was: what was heard is done, once, and answered.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use boatyard_preview::config::Config;
use boatyard_preview::forge::Command;
use boatyard_preview::time::Time;
use tokio::sync::Notify;

use super::answer::Answer;
use super::api::Client;
use super::{Reaction, Secrets};
use crate::journal::{Inbox, JournalError, Unanswered};
use crate::keeper::{AskError, Keeper};
use crate::logs::{self, Logs};
use crate::web::Action;

/// How long somebody who may write is believed to, but for approving: for that, the forge is asked anew each time.
const HOLDS: Duration = Duration::from_secs(60);
/// What could not be done or answered for that long is forgotten: it would surprise whoever said it.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);
/// After a failure, until it is tried again; doubled each time, up to the second.
const BACK_OFF: [Duration; 2] = [Duration::from_secs(5), Duration::from_secs(5 * 60)];

/// Does what people say. Clones are the same.
#[derive(Clone)]
pub struct Commander {
    keeper: Keeper,
    logs: Logs,
    inbox: Arc<Mutex<Inbox>>,
    /// Of each forge that can be asked who may, and answered.
    clients: Arc<BTreeMap<String, Arc<Client>>>,
    said: Arc<Notify>,
}

impl Commander {
    /// For all forges that have an API and a token. `folder`: of the configuration; `journal`: of the journal, which the keeper has
    /// open.
    ///
    /// # Errors
    /// If the journal cannot be opened.
    pub fn new(
        config: &Config,
        secrets: &Secrets,
        [folder, journal]: [&Path; 2],
        (keeper, logs): (&Keeper, &Logs),
    ) -> Result<Self, JournalError> {
        let mut clients = BTreeMap::new();
        for (name, forge) in &config.forges {
            let token = secrets.token(name).filter(|_| forge.kind.has_api());
            // Certificates that cannot be read keep the watchers from starting, and are told there.
            let client = token.and_then(|token| Client::new(forge, Some(token), folder).ok());
            clients.extend(client.map(|client| (forge.name(), Arc::new(client))));
        }
        Ok(Self {
            keeper: keeper.clone(),
            logs: logs.clone(),
            inbox: Arc::new(Mutex::new(Inbox::open(journal)?)),
            clients: Arc::new(clients),
            said: Arc::default(),
        })
    }

    /// Somebody has said something.
    pub fn wake(&self) {
        self.said.notify_one();
    }

    /// Does what is said until it is dropped, and first what was said before.
    pub async fn run(self) {
        let mut failures = 0_u32;
        loop {
            let round = self.round().await;
            let is_behind = round.iter().any(|(_, answered)| answered.is_none());
            failures = if is_behind { failures + 1 } else { 0 };
            let wait = match failures {
                0 => BACK_OFF[1],
                many => BACK_OFF[0]
                    .saturating_mul(1 << (many - 1).min(10))
                    .min(BACK_OFF[1]),
            };
            let _ = tokio::time::timeout(wait, self.said.notified()).await;
        }
    }

    /// Does what was said and is not answered, each forge by itself, and each in the order in which it was said. What was answered, by
    /// the numbers of the comments; none: it is tried again later, and what was said there after it.
    pub async fn round(&self) -> Vec<(u64, Option<Reaction>)> {
        let now = Time(logs::now());
        let since = Time(
            now.0
                .saturating_sub(u64::try_from(LONGEST.as_millis()).unwrap_or(0)),
        );
        let all = self.inbox(move |inbox| inbox.unanswered(since)).await;
        let mut waits = BTreeSet::new();
        let mut answered = Vec::new();
        for one in all.unwrap_or_default() {
            let forge = one.command.place.repository.forge.clone();
            let reaction = if waits.contains(&forge) {
                None
            } else {
                self.obey(&one).await
            };
            if reaction.is_none() {
                waits.insert(forge);
            }
            answered.push((one.command.comment, reaction));
        }
        answered
    }

    /// Does it, and answers. What was answered; none: the forge cannot be asked or told now.
    async fn obey(&self, Unanswered { command, is_done }: &Unanswered) -> Option<Reaction> {
        let reaction = match self.clients.get(&command.place.repository.forge) {
            // Nobody there can say who may.
            None => Reaction::No,
            Some(client) => {
                let answer = if *is_done {
                    Reaction::Done.into()
                } else {
                    self.decide(client, command).await?
                };
                let reaction = answer.reaction;
                let (client, place, comment) =
                    (Arc::clone(client), command.place.clone(), command.comment);
                let told = tokio::task::spawn_blocking(move || {
                    client.react(&place, comment, reaction)?;
                    match answer.words {
                        Some(words) => client.say(&place, &words),
                        None => Ok(()),
                    }
                });
                match told.await {
                    // A forge that does not want an answer has heard all there is.
                    Ok(Err(error)) if !error.is_refusal() => return None,
                    _ => reaction,
                }
            }
        };
        let command = command.clone();
        let noted = self.inbox(move |inbox| inbox.answered(&command)).await;
        noted.map(|()| reaction)
    }

    /// What comes of it, if whoever says it may; none: nobody knows whether he may, or nothing can be written down.
    async fn decide(&self, client: &Arc<Client>, command: &Command) -> Option<Answer> {
        let action = Action::named(&command.verb);
        let holds = match action {
            Some(Action::Approve) => Duration::ZERO,
            _ => HOLDS,
        };
        let (client, asked) = (Arc::clone(client), command.clone());
        let may = tokio::task::spawn_blocking(move || {
            client.may_write(&asked.place.repository.name, &asked.author, holds)
        });
        match may.await {
            Ok(Ok(true)) => {}
            Ok(Ok(false)) => return Some(Reaction::No.into()),
            Ok(Err(_)) | Err(_) => return None,
        }
        if command.verb == "logs" {
            return Some(self.logs(command).await);
        }
        let answer = self.keeper.look(|known| Answer::of(known, action, command));
        let (id, action) = match answer {
            Err(answer) => return Some(answer),
            Ok(meant) => meant,
        };
        let by = format!("{} on {}", command.author, command.place.repository.forge);
        let happens = (&id, action.event());
        match self.keeper.obey(command, happens, &by).await {
            Ok(_) => Some(Reaction::Done.into()),
            Err(AskError::Stopped(_)) => None,
            Err(_) => Some(Reaction::What.into()),
        }
    }

    /// The last lines of what the newest environment printed, or of how it was prepared.
    async fn logs(&self, command: &Command) -> Answer {
        let (keeper, logs, command) = (self.keeper.clone(), self.logs.clone(), command.clone());
        let read = tokio::task::spawn_blocking(move || {
            let newest = keeper.look(|known| super::answer::newest(known, &command).cloned());
            Answer::logs(newest.as_ref(), command.word.as_deref(), &logs)
        });
        read.await.unwrap_or_else(|_| Reaction::What.into())
    }

    /// Asks the inbox, or notes something there; none: it cannot be read or written.
    async fn inbox<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Inbox) -> Result<T, JournalError> + Send + 'static,
    ) -> Option<T> {
        let inbox = Arc::clone(&self.inbox);
        let asked = tokio::task::spawn_blocking(move || {
            ask(&inbox.lock().unwrap_or_else(PoisonError::into_inner))
        });
        asked.await.ok()?.ok()
    }
}
