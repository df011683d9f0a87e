//! The keeper's thread: hear, decide, write down, have it done.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use boatyard_preview::decide::Agenda;
use boatyard_preview::environment::Environment;
use tokio::sync::oneshot;

use super::Known;
use super::batch::{Batch, Done};
use super::handle::{AskError, Stopped};
use super::message::{Asked, Heard, Message, Receipt};
use crate::backend::{Backend, Told};
use crate::clock::Clock;
use crate::feed::Feed;
use crate::journal::Journal;

/// Time itself is a reason to decide: what is too old, unused, settled.
const TICK: Duration = Duration::from_secs(1);
/// Messages that are written down together at most.
const TOGETHER: usize = 1024;

/// What the keeper works with.
pub(super) struct Work {
    journal: Journal,
    backend: Arc<dyn Backend>,
    known: Arc<RwLock<Known>>,
    feed: Arc<Feed>,
    clock: Clock,
    /// What of what is known has to be looked at.
    agenda: Agenda,
    /// What backends told and could not be written down yet.
    again: Vec<Told>,
}

/// An answer that is given once everything is written down.
type Answer = Box<dyn FnOnce(Result<(), Stopped>) + Send>;

impl Work {
    pub fn new(
        journal: Journal,
        backend: Arc<dyn Backend>,
        (known, feed): (Arc<RwLock<Known>>, Arc<Feed>),
        clock: Clock,
    ) -> Self {
        Self {
            journal,
            backend,
            known,
            feed,
            clock,
            agenda: Agenda::default(),
            again: Vec::new(),
        }
    }

    pub fn run(mut self, inbox: &Receiver<Message>) {
        // What I know by heart, a step ahead of what everybody sees: that is only what is written down.
        let mut mine = self.seen();
        let mut is_back = false;
        loop {
            let mut messages = Vec::new();
            match inbox.recv_timeout(if is_back { TICK } else { Duration::ZERO }) {
                Ok(first) => messages.push(first),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            messages.extend(inbox.try_iter().take(TOGETHER));
            let ends = messages
                .iter()
                .any(|message| matches!(message, Message::Stop));
            is_back |= self.round(&mut mine, messages, !is_back);
            if ends {
                return;
            }
        }
    }

    /// Takes in messages, decides, writes it down and has it done. True: it is written down.
    fn round(&mut self, mine: &mut Known, messages: Vec<Message>, resumes: bool) -> bool {
        let mut agenda = std::mem::take(&mut self.agenda);
        let mut batch = Batch::new(mine, &mut agenda, self.clock, self.feed.last());
        if resumes {
            batch.resume();
        }
        let mut kept = std::mem::take(&mut self.again);
        for told in &kept {
            batch.told(told);
        }
        let mut answers = Vec::new();
        for message in messages {
            answers.extend(self.take(&mut batch, message, &mut kept));
        }
        batch.decide();
        let done = batch.finish();
        let written = self
            .journal
            .write(&done)
            .map_err(|error| Stopped(error.to_string()));
        if written.is_ok() {
            self.agenda = agenda;
            self.show(mine, &done);
            self.feed.publish(done.changes);
        } else {
            *mine = self.seen();
            self.again = kept;
        }
        for answer in answers {
            answer(written.clone());
        }
        if written.is_ok() {
            for order in done.orders.into_values() {
                self.backend.begin(order);
            }
        } else {
            // A full disk does not get emptier by asking at once.
            std::thread::sleep(TICK);
        }
        written.is_ok()
    }

    /// Takes in one message; what is to be answered when it is written down.
    fn take(
        &self,
        batch: &mut Batch<'_>,
        message: Message,
        kept: &mut Vec<Told>,
    ) -> Option<Answer> {
        match message {
            Message::Heard(heard, answer) => {
                let receipt = self.receipt(batch, &heard);
                if receipt != Receipt::Known {
                    batch.hear(heard, &receipt);
                }
                Some(when_written(answer, |written| written.map(|()| receipt)))
            }
            Message::Asked(asked, answer) => match self.asked(batch, &asked) {
                Ok(environment) => Some(when_written(answer, |written| {
                    written.map(|()| environment).map_err(AskError::from)
                })),
                Err(error) => {
                    let _ = answer.send(Err(error));
                    None
                }
            },
            Message::Told(told) => {
                batch.told(&told);
                kept.push(told);
                None
            }
            Message::Found(found, answer) => {
                batch.adopt(found);
                Some(when_written(answer, |written| written))
            }
            Message::Policy(policy, answer) => {
                batch.follow(policy);
                Some(when_written(answer, |written| written))
            }
            Message::Stop => None,
        }
    }

    /// Whether that was delivered before.
    fn receipt(&self, batch: &Batch<'_>, heard: &Heard) -> Receipt {
        let known = |delivery: &str| {
            let here = batch.delivery(delivery);
            here.or_else(|| self.journal.delivery(delivery))
        };
        let Some(before) = heard.delivery.as_deref().and_then(known) else {
            return Receipt::New;
        };
        let is_other =
            !before.is_empty() && heard.digest.as_ref().is_some_and(|one| *one != before);
        match heard.under_another_number() {
            Some(other) if is_other && known(&other).is_none() => Receipt::Other(before),
            _ => Receipt::Known,
        }
    }

    fn asked(&self, batch: &mut Batch<'_>, asked: &Asked) -> Result<Environment, AskError> {
        if let Some(command) = &asked.command {
            let is_open = self.journal.is_open(command);
            let is_open = is_open.map_err(|error| Stopped(error.to_string()))?;
            if batch.has_obeyed(command) || !is_open {
                return batch.found(&asked.id);
            }
        }
        batch.asked(asked)
    }

    fn seen(&self) -> Known {
        self.known
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Lets everybody see what is written down now.
    fn show(&self, mine: &Known, done: &Done) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        for (id, environment) in &done.environments {
            match environment {
                Some(environment) => known.inventory.set(Arc::clone(environment)),
                None => known.inventory.forget(id),
            }
        }
        for (place, says) in &done.places {
            known.set_place(place, says.clone());
        }
        if done.is_other_policy {
            known.policy = mine.policy.clone();
        }
    }
}

fn when_written<T: Send + 'static>(
    answer: oneshot::Sender<T>,
    say: impl FnOnce(Result<(), Stopped>) -> T + Send + 'static,
) -> Answer {
    // Who no longer waits needs no answer.
    Box::new(move |written| drop(answer.send(say(written))))
}
