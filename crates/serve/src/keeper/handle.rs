//! How everybody else talks to the keeper.

use std::path::Path;
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, OnceLock, RwLock};
use std::thread::JoinHandle;

use boatyard_cluster::lease::Fence;
use boatyard_preview::Refused;
use boatyard_preview::environment::Environment;
use boatyard_preview::forge::Command;
use boatyard_preview::id::Id;
use boatyard_preview::phase::Event;
use boatyard_preview::policy::Policy;
use boatyard_preview::time::Time;
use tokio::sync::oneshot;

use super::message::{Asked, Heard, Message, Receipt};
use super::{Known, work};
use crate::backend::{Backend, Told};
use crate::clock::Clock;
use crate::feed::Feed;
use crate::journal::{Journal, JournalError};

/// Changes that are kept for whoever was away.
const FEED: usize = 8192;

/// The keeper, for everybody else. Clones are the same keeper.
#[derive(Clone)]
pub struct Keeper {
    messages: Sender<Message>,
    known: Arc<RwLock<Known>>,
    feed: Arc<Feed>,
    fence: Arc<OnceLock<Fence>>,
    clock: Clock,
}

/// The keeper has stopped or cannot write, so nothing was done: ask again later.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nothing was done: {0}")]
pub struct Stopped(pub String);

/// Why what was asked for is not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// No such environment.
    #[error("there is no such environment")]
    NotThere,
    /// It cannot happen now.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Nothing was done.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

impl Keeper {
    /// Reads what is written down in `folder` and begins to keep it. `backend` is made with the keeper that it tells of its work;
    /// what was under way is asked for again. The thread ends after [`Keeper::stop`].
    ///
    /// # Errors
    /// If the journal cannot be opened or read.
    pub fn open(
        folder: &Path,
        policy: Policy,
        backend: impl FnOnce(&Self) -> Arc<dyn Backend>,
    ) -> Result<(Self, JoinHandle<()>), JournalError> {
        let mut journal = Journal::open(folder)?;
        let (mut known, last) = journal.load()?;
        known.policy = policy;
        let (messages, inbox) = mpsc::channel();
        let clock = Clock::after(last.at);
        let keeper = Self {
            messages,
            feed: Arc::new(Feed::after(last.number, FEED)),
            known: Arc::new(RwLock::new(known)),
            fence: Arc::default(),
            clock,
        };
        let backend = backend(&keeper);
        let shared = (Arc::clone(&keeper.known), Arc::clone(&keeper.feed));
        let work = work::Work::new(journal, backend, shared, clock);
        let thread = std::thread::Builder::new().name("keeper".to_owned());
        let thread = thread
            .spawn(move || work.run(&inbox))
            .map_err(JournalError::Thread)?;
        Ok((keeper, thread))
    }

    /// From now on it keeps only as long as this lets it through. Once.
    pub fn fenced(&self, fence: Fence) {
        // There is one for as long as we lead.
        let _ = self.fence.set(fence);
    }

    /// Whether what is known here counts.
    ///
    /// # Errors
    /// If another server may keep it by now.
    pub fn leads(&self) -> Result<(), Stopped> {
        if self.fence.get().is_none_or(Fence::holds) {
            return Ok(());
        }
        Err(Stopped("another server may lead by now".to_owned()))
    }

    /// Takes in what a forge says. It is written down when this returns; false: that delivery was known.
    ///
    /// # Errors
    /// If it cannot be written down.
    pub async fn hear(&self, heard: Heard) -> Result<bool, Stopped> {
        let receipt = self.receive(heard).await?;
        Ok(receipt != Receipt::Known)
    }

    /// The same, and whether something else came under the same number before.
    ///
    /// # Errors
    /// If it cannot be written down.
    pub async fn receive(&self, heard: Heard) -> Result<Receipt, Stopped> {
        let (answer, wait) = oneshot::channel();
        self.send(Message::Heard(heard, answer))?;
        wait.await.map_err(|_| ended())?
    }

    /// Has something happen to an environment, because `by` wants it. What it is then is written down when this returns.
    ///
    /// # Errors
    /// If there is none, it cannot happen now, or it cannot be written down.
    pub async fn ask(&self, id: &Id, event: Event, by: &str) -> Result<Environment, AskError> {
        let (id, by, command) = (*id, by.to_owned(), None);
        let asked = Asked {
            id,
            event,
            by,
            command,
        };
        self.asked(asked).await
    }

    /// The same, because of what `by` says in a comment that was heard. It happens once, however often it is asked for: if it has
    /// happened, this says what is there now.
    ///
    /// # Errors
    /// As [`Keeper::ask`]. Then it may happen yet.
    pub async fn obey(
        &self,
        command: &Command,
        (id, event): (&Id, Event),
        by: &str,
    ) -> Result<Environment, AskError> {
        let asked = Asked {
            id: *id,
            event,
            by: by.to_owned(),
            command: Some(command.key()),
        };
        self.asked(asked).await
    }

    async fn asked(&self, asked: Asked) -> Result<Environment, AskError> {
        let (answer, wait) = oneshot::channel();
        self.send(Message::Asked(asked, answer))?;
        wait.await.map_err(|_| ended())?
    }

    /// Takes over environments that somebody has found, with what was written down of them elsewhere, and goes on with what was
    /// under way. Those that are known are known better. It is written down when this returns.
    ///
    /// # Errors
    /// If the keeper has stopped, or it cannot be written down.
    pub async fn adopt(&self, found: Vec<Environment>) -> Result<(), Stopped> {
        let (answer, wait) = oneshot::channel();
        self.send(Message::Found(found, answer))?;
        wait.await.map_err(|_| ended())?
    }

    /// What came of an order.
    pub fn tell(&self, told: Told) {
        // Who has stopped asks again when he is back.
        let _ = self.messages.send(Message::Told(told));
    }

    /// From now on another policy holds.
    ///
    /// # Errors
    /// If the keeper has stopped.
    pub async fn follow_policy(&self, policy: Policy) -> Result<(), Stopped> {
        let (answer, wait) = oneshot::channel();
        self.send(Message::Policy(policy, answer))?;
        wait.await.map_err(|_| ended())?
    }

    /// Looks at what is known. Nothing can change meanwhile, so be short.
    pub fn look<T>(&self, look: impl FnOnce(&Known) -> T) -> T {
        look(
            &self
                .known
                .read()
                .unwrap_or_else(std::sync::PoisonError::into_inner),
        )
    }

    /// Now, as whatever is known is dated: that goes on whatever becomes of the clock of this machine.
    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// What changes.
    pub fn feed(&self) -> &Feed {
        &self.feed
    }

    /// Ends the keeper once it has done what it was told before. What is under way is asked for again by the next one.
    pub fn stop(&self) {
        let _ = self.messages.send(Message::Stop);
    }

    fn send(&self, message: Message) -> Result<(), Stopped> {
        self.leads()?;
        self.messages.send(message).map_err(|_| ended())
    }
}

fn ended() -> Stopped {
    Stopped("the server is ending".to_owned())
}
