//! Tells forges how environments are: closes the difference between what they were told and what is.
//!
//! Nothing waits in a row to be told: whoever comes back after ten minutes hears how it is now, once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use boatyard_preview::config::{Config, Reports};
use boatyard_preview::revision::Repository;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::api::Client;
use super::due::{Due, Picture, Told, What, due};
use super::{ForgeError, Secrets};
use crate::causes::in_one_line;
use crate::journal::{About, JournalError, Record, Reported, Standing};
use crate::keeper::Keeper;

/// How many reports are on their way to a forge at once.
const AT_ONCE: usize = 4;
/// What a forge does not take is tried again after that, unless there is something else to tell.
const REFUSED: Duration = Duration::from_secs(60 * 60);
/// How long after a failure a forge is tried again at most.
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// How fast a reporter is.
#[derive(Clone, Copy, Debug)]
pub struct Rhythm {
    /// After a change, until it is told: what changes meanwhile is told with it.
    pub settle: Duration,
    /// After a failure, until the forge is tried again; doubled each time.
    pub back_off: Duration,
}

impl Default for Rhythm {
    fn default() -> Self {
        Self {
            settle: Duration::from_secs(1),
            back_off: Duration::from_secs(5),
        }
    }
}

/// A forge that is told.
struct Target {
    client: Arc<Client>,
    /// How often in a row it could not be told, and until when it is left alone.
    failures: u32,
    rests_until: Option<Instant>,
}

/// Tells forges how environments are.
pub struct Reporter {
    keeper: Keeper,
    config: Config,
    rhythm: Rhythm,
    targets: BTreeMap<String, Target>,
    told: Told,
    store: Arc<std::sync::Mutex<Reported>>,
    trouble: watch::Sender<Option<String>>,
    /// Where our token may not tell of deployments.
    left: BTreeSet<Repository>,
    leaves: UnboundedSender<String>,
}

impl Reporter {
    /// A reporter for all forges that have an API and a token, and are to be told. `folder`: of the configuration; `journal`: of
    /// the journal, which the keeper has open. And what it does not tell, because it may not: each once.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub fn new(
        config: &Config,
        secrets: &Secrets,
        [folder, journal]: [&Path; 2],
        keeper: &Keeper,
        rhythm: Rhythm,
    ) -> Result<(Self, UnboundedReceiver<String>), JournalError> {
        let store = Reported::open(journal)?;
        let mut targets = BTreeMap::new();
        for (name, forge) in &config.forges {
            let token = secrets
                .token(name)
                .filter(|_| forge.kind.has_api() && forge.reports > Reports::Nothing);
            // Certificates that cannot be read keep the watchers from starting, and are told there.
            let client = token.and_then(|token| Client::new(forge, Some(token), folder).ok());
            if let Some(client) = client {
                let target = Target {
                    client: Arc::new(client),
                    failures: 0,
                    rests_until: None,
                };
                targets.insert(forge.name(), target);
            }
        }
        let (leaves, left) = unbounded_channel();
        let reporter = Self {
            told: Told::new(store.all()?),
            store: Arc::new(std::sync::Mutex::new(store)),
            keeper: keeper.clone(),
            config: config.clone(),
            rhythm,
            targets,
            trouble: watch::Sender::new(None),
            left: BTreeSet::new(),
            leaves,
        };
        Ok((reporter, left))
    }

    /// What keeps it from telling, the last of it; none: nothing does.
    pub fn trouble(&self) -> watch::Receiver<Option<String>> {
        self.trouble.subscribe()
    }

    /// Tells until it is dropped. What is on its way then may be told again by the next one.
    pub async fn run(mut self) {
        if self.targets.is_empty() {
            return;
        }
        let mut changes = self.keeper.feed().follow();
        loop {
            changes.mark_unchanged();
            self.round().await;
            let rest = self.rest();
            let woken = tokio::time::timeout(rest, changes.changed()).await;
            if matches!(woken, Ok(Err(_))) {
                return;
            }
            tokio::time::sleep(self.rhythm.settle).await;
        }
    }

    /// How long nothing has to be done, unless something changes.
    fn rest(&self) -> Duration {
        let now = Instant::now();
        let next = self
            .targets
            .values()
            .filter_map(|target| target.rests_until)
            .min();
        next.map_or(REFUSED, |next| {
            next.saturating_duration_since(now)
                .max(Duration::from_millis(1))
        })
    }

    /// Tells what is due, to the forges that are not left alone.
    async fn round(&mut self) {
        let now = Instant::now();
        for target in self.targets.values_mut() {
            target.rests_until = target.rests_until.filter(|until| *until > now);
        }
        let open = |repository: &Repository| {
            let target = self.targets.get(&repository.forge);
            target.is_some_and(|target| target.rests_until.is_none())
        };
        self.told.try_again(now);
        let picture = self.keeper.look(Picture::of);
        let mut waiting: Vec<Due> = due(&picture, &self.config, &self.told)
            .into_iter()
            .filter(|due| open(due.about.repository()))
            .filter(|due| !(due.is_deployment() && self.left.contains(due.about.repository())))
            .collect();
        let mut sending = JoinSet::new();
        while !waiting.is_empty() || !sending.is_empty() {
            if self.keeper.leads().is_err() {
                // Whoever leads by now tells it better.
                waiting.clear();
            }
            while sending.len() < AT_ONCE
                && let Some(next) = waiting.pop()
            {
                let Some(target) = self.targets.get(&next.about.repository().forge) else {
                    continue;
                };
                // It has failed meanwhile.
                let is_left = next.is_deployment() && self.left.contains(next.about.repository());
                if target.rests_until.is_none() && !is_left {
                    let (client, store) = (Arc::clone(&target.client), Arc::clone(&self.store));
                    sending.spawn_blocking(move || send(&client, &store, next));
                }
            }
            if let Some(Ok((due, outcome))) = sending.join_next().await {
                self.note(due, outcome);
            }
        }
        // What one forge takes says nothing of another, and one report nothing of the next.
        let fails = self.targets.values().any(|target| target.failures > 0);
        if !fails && !self.told.has_refused() {
            self.trouble.send_replace(None);
        }
    }

    fn note(&mut self, due: Due, outcome: Result<Option<Record>, ForgeError>) {
        let forge = &due.about.repository().forge;
        let Some(target) = self.targets.get_mut(forge) else {
            return;
        };
        if let Err(error) = &outcome
            && due.is_deployment()
            && matches!(
                error,
                ForgeError::Refused { .. } | ForgeError::NotThere { .. }
            )
        {
            self.leave(due.about.repository().clone(), error);
            return;
        }
        if let Err(error) = &outcome {
            let trouble = format!("cannot tell {forge}: {}", in_one_line(error));
            self.trouble.send_replace(Some(trouble));
        }
        match outcome {
            Ok(record) => {
                target.failures = 0;
                self.told.told(due.about, record);
            }
            // This one is not taken; others may be.
            Err(error) if error.is_refusal() => {
                self.told
                    .refused(due.about, due.key, Instant::now() + REFUSED);
            }
            Err(error) => {
                // Those that were on their way together have failed together.
                if target.rests_until.is_none() {
                    target.failures += 1;
                }
                let doublings = target.failures.saturating_sub(1).min(10);
                let doubled = self.rhythm.back_off.saturating_mul(1 << doublings);
                let wait = error.wait().unwrap_or_else(|| doubled.min(LONGEST));
                target.rests_until = Some(Instant::now() + wait);
            }
        }
    }
}

impl Reporter {
    /// Our token may not tell of deployments there: nobody has to give it that right, so it is said once and left.
    fn leave(&mut self, repository: Repository, error: &ForgeError) {
        let forge = &repository.forge;
        if !self.left.iter().any(|left| left.forge == *forge) {
            let why = in_one_line(error);
            // Who does not listen does not want to know.
            let _ = self.leaves.send(format!(
                "{forge} is not told of deployments, which the token may not ({why}); deployments = false says that it need not be"
            ));
        }
        self.left.insert(repository);
    }
}

/// Tells one thing, and writes down that it was told.
fn send(
    client: &Client,
    store: &std::sync::Mutex<Reported>,
    due: Due,
) -> (Due, Result<Option<Record>, ForgeError>) {
    let outcome = due.tell(client);
    if let Ok(record) = &outcome {
        let store = store
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        // What could not be written down is told again after a restart, which does no harm.
        let _ = store.set(&due.about, record.as_ref());
    }
    (due, outcome)
}

impl Due {
    fn is_deployment(&self) -> bool {
        matches!(self.about, About::Deployment { .. })
    }

    fn tell(&self, client: &Client) -> Result<Option<Record>, ForgeError> {
        let name = &self.about.repository().name;
        let record = |number, last| {
            let key = self.key.clone();
            Some(Record { key, number, last })
        };
        match (&self.what, &self.about) {
            (
                What::Status(place, status),
                About::Status {
                    commit, context, ..
                },
            ) => {
                client.tell_status(name, commit, context, status)?;
                let last = Standing {
                    place: place.clone(),
                    state: status.state,
                };
                Ok(record(None, Some(last)))
            }
            (
                What::LastStatus(status),
                About::Status {
                    commit, context, ..
                },
            ) => {
                match client.tell_status(name, commit, context, status) {
                    // Nobody can be told of it: the commit itself may be gone.
                    Err(error) if !error.is_refusal() => Err(error),
                    _ => Ok(None),
                }
            }
            (What::Comment(request, known, comment), _) => {
                let number = client.tell_comment(name, *request, *known, comment)?;
                Ok(record(number, None))
            }
            (What::Deployment(known, deployment), About::Deployment { commit, .. }) => {
                let number = client.tell_deployment(name, commit, *known, deployment)?;
                Ok(record(Some(number), None))
            }
            (What::EndOfDeployment(number, is_last), About::Deployment { environment, .. }) => {
                match client.end_deployment(name, (*number, environment), *is_last) {
                    // Nobody can be told of it: it may be gone itself.
                    Err(error) if !error.is_refusal() => Err(error),
                    _ => Ok(None),
                }
            }
            (
                What::Forget
                | What::Status(..)
                | What::LastStatus(_)
                | What::Deployment(..)
                | What::EndOfDeployment(..),
                _,
            ) => Ok(None),
        }
    }
}
