//! Does what people say in comments on pull requests, if the forge says that they may write to the repository.
//!
//! ```text
//! hook --> Keeper, who writes it down --> Inbox --> who may? (forge) --> Keeper: it happens, and is noted as done, at once
//!                                                                   '--> answer (forge) --> Inbox: answered
//! ```
//! Whoever is killed in between goes on where he was: what was heard is done, once, and answered.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use boatyard_preview::config::Config;
use boatyard_preview::forge::Command;
use boatyard_preview::revision::Repository;
use boatyard_preview::time::Time;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Notify, watch};
use tokio::task::JoinError;

use super::answer::Answer;
use super::api::Client;
use super::pause::{Pauses, Scope};
use super::{ForgeError, Reaction, Secrets};
use crate::causes::in_one_line;
use crate::journal::{Inbox, JournalError, Unanswered};
use crate::keeper::{AskError, Keeper, Stopped};
use crate::logs::Logs;
use crate::web::Action;

/// How long somebody who may write is believed to, but for approving: for that, the forge is asked anew each time.
const HOLDS: Duration = Duration::from_secs(60);
/// What could not be done or answered for that long is forgotten: it would surprise whoever said it.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// Does what people say. Clones are the same.
#[derive(Clone)]
pub struct Commander {
    keeper: Keeper,
    logs: Logs,
    inbox: Arc<Mutex<Inbox>>,
    /// Of each forge that can be asked who may, and answered.
    clients: Arc<BTreeMap<String, Arc<Client>>>,
    said: Arc<Notify>,
    pauses: Arc<Mutex<Pauses>>,
    trouble: watch::Sender<Option<String>>,
    /// Where our token may not answer, which is said once.
    left: Arc<Mutex<BTreeSet<Repository>>>,
    leaves: UnboundedSender<String>,
}

/// Why something that was said is not done or answered yet.
#[derive(Debug, thiserror::Error)]
enum Behind {
    /// The forge cannot be asked who may, or told what came of it.
    #[error(transparent)]
    Forge(#[from] ForgeError),
    /// What was said cannot be read, or what came of it not written down.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// It cannot happen now.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// Whoever worked at it has ended.
    #[error("whoever does it has ended")]
    Ended(#[from] JoinError),
}

impl Commander {
    /// For all forges that have an API and a token. `folder`: of the configuration; `journal`: of the journal, which the keeper has
    /// open. And what it cannot do and nobody has to mend, each once.
    ///
    /// # Errors
    /// If the journal cannot be opened.
    pub fn new(
        config: &Config,
        secrets: &Secrets,
        [folder, journal]: [&Path; 2],
        (keeper, logs): (&Keeper, &Logs),
    ) -> Result<(Self, UnboundedReceiver<String>), JournalError> {
        let mut clients = BTreeMap::new();
        for (name, forge) in &config.forges {
            let token = secrets.token(name).filter(|_| forge.kind.has_api());
            // Certificates that cannot be read keep the watchers from starting, and are told there.
            let client = token.and_then(|token| Client::new(forge, Some(token), folder).ok());
            clients.extend(client.map(|client| (forge.name(), Arc::new(client))));
        }
        let (leaves, left) = unbounded_channel();
        let commander = Self {
            keeper: keeper.clone(),
            logs: logs.clone(),
            inbox: Arc::new(Mutex::new(Inbox::open(journal)?)),
            clients: Arc::new(clients),
            said: Arc::default(),
            pauses: Arc::default(),
            trouble: watch::Sender::new(None),
            left: Arc::default(),
            leaves,
        };
        Ok((commander, left))
    }

    /// Somebody has said something.
    pub fn wake(&self) {
        self.said.notify_one();
    }

    /// What keeps it from doing what is said, the last of it; none: nothing does.
    pub fn trouble(&self) -> watch::Receiver<Option<String>> {
        self.trouble.subscribe()
    }

    /// Does what is said until it is dropped, and first what was said before.
    pub async fn run(self) {
        loop {
            self.round(Instant::now()).await;
            let rest = locked(&self.pauses).rest(Instant::now());
            let _ = tokio::time::timeout(rest, self.said.notified()).await;
        }
    }

    /// Does what was said and is not answered, in each repository in the order in which it was said, unless that is left alone at
    /// `now`. What was answered, by the numbers of the comments; none: it is tried again later.
    pub async fn round(&self, now: Instant) -> Vec<(u64, Option<Reaction>)> {
        let last = self.keeper.now();
        let longest = u64::try_from(LONGEST.as_millis()).unwrap_or(u64::MAX);
        let since = Time(last.0.saturating_sub(longest));
        let all = match self.inbox(move |inbox| inbox.unanswered(since)).await {
            Ok(all) => all,
            Err(behind) => {
                let text = format!(
                    "what is said in comments cannot be read: {}",
                    in_one_line(&behind)
                );
                self.trouble.send_replace(Some(text));
                return Vec::new();
            }
        };
        let mut answered = Vec::new();
        // What failed just now, however late it is.
        let mut failed = BTreeSet::new();
        for one in all {
            let command = &one.command;
            let is_held = Scope::all(command)
                .iter()
                .any(|scope| failed.contains(scope))
                || locked(&self.pauses).holds(command, now);
            let reaction = if is_held {
                None
            } else {
                let obeyed = self.obey(&one).await;
                failed.extend(self.note(command, &obeyed));
                obeyed.ok()
            };
            answered.push((command.comment, reaction));
        }
        if answered.iter().all(|(_, reaction)| reaction.is_some()) {
            self.trouble.send_replace(None);
        }
        answered
    }

    /// What went wrong is told, and whoever it concerns is left alone for a while.
    fn note(&self, command: &Command, obeyed: &Result<Reaction, Behind>) -> Option<Scope> {
        let Err(behind) = obeyed else {
            locked(&self.pauses).went_well(command);
            return None;
        };
        let (scope, wait) = match behind {
            Behind::Forge(error) => (Scope::of(command, error), error.wait()),
            _ => (Scope::of_order(command), None),
        };
        locked(&self.pauses).failed(scope.clone(), wait, Instant::now());
        let text = format!(
            "comments on {} are not answered: {}",
            command.place.repository,
            in_one_line(behind)
        );
        self.trouble.send_replace(Some(text));
        Some(scope)
    }

    /// Does it, and answers. What was answered.
    async fn obey(&self, Unanswered { command, is_done }: &Unanswered) -> Result<Reaction, Behind> {
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
                match told.await? {
                    // A forge that does not want an answer has heard all there is.
                    Err(error) if error.is_refusal() => self.leave(command, &error),
                    told => told?,
                }
                reaction
            }
        };
        let command = command.clone();
        self.inbox(move |inbox| inbox.answered(&command)).await?;
        Ok(reaction)
    }

    /// The forge does not take an answer there: what is said is done all the same, so it is told once and left.
    fn leave(&self, command: &Command, error: &ForgeError) {
        let repository = &command.place.repository;
        if locked(&self.left).insert(repository.clone()) {
            // Who does not listen does not want to know.
            let _ = self.leaves.send(format!(
                "what is said in comments on {repository} is done without an answer, which is refused: {}",
                in_one_line(error)
            ));
        }
    }

    /// What comes of it, if whoever says it may.
    async fn decide(&self, client: &Arc<Client>, command: &Command) -> Result<Answer, Behind> {
        let action = Action::named(&command.verb);
        let holds = match action {
            Some(Action::Approve) => Duration::ZERO,
            _ => HOLDS,
        };
        let (client, asked) = (Arc::clone(client), command.clone());
        let may = tokio::task::spawn_blocking(move || {
            client.may_write(&asked.place.repository.name, &asked.author, holds)
        });
        if !may.await?? {
            return Ok(Reaction::No.into());
        }
        if command.verb == "logs" {
            return Ok(self.logs(command).await);
        }
        let answer = self.keeper.look(|known| Answer::of(known, action, command));
        let (id, action) = match answer {
            Err(answer) => return Ok(answer),
            Ok(meant) => meant,
        };
        let by = format!("{} on {}", command.author, command.place.repository.forge);
        let happens = (&id, action.event());
        match self.keeper.obey(command, happens, &by).await {
            Ok(_) => Ok(Reaction::Done.into()),
            Err(AskError::Stopped(stopped)) => Err(stopped.into()),
            Err(_) => Ok(Reaction::What.into()),
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

    /// Asks the inbox, or notes something there.
    async fn inbox<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Inbox) -> Result<T, JournalError> + Send + 'static,
    ) -> Result<T, Behind> {
        let inbox = Arc::clone(&self.inbox);
        let asked = tokio::task::spawn_blocking(move || ask(&locked(&inbox)));
        Ok(asked.await??)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
