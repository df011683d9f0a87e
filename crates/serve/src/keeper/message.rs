//! What the keeper is told and asked.

use boatyard_preview::environment::Environment;
use boatyard_preview::forge::Command;
use boatyard_preview::id::Id;
use boatyard_preview::news::News;
use boatyard_preview::phase::Event;
use boatyard_preview::policy::Policy;
use tokio::sync::oneshot;

use super::handle::{AskError, Stopped};
use crate::backend::Told;

/// What is heard from a forge at once.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    /// The forge's own number of the delivery, with the name of the forge: what was heard under the same one is not heard again.
    pub delivery: Option<String>,
    /// The digest of what was delivered: under a number that is known, something else is heard all the same.
    pub digest: Option<String>,
    /// Who said it.
    pub by: String,
    /// What.
    pub news: Vec<News>,
    /// What somebody says in comments: it is written down, for whoever carries it out.
    pub commands: Vec<Command>,
}

impl Heard {
    /// What something else under a number that is known is known by itself.
    pub(super) fn under_another_number(&self) -> Option<String> {
        let (delivery, digest) = (self.delivery.as_ref()?, self.digest.as_ref()?);
        Some(format!("{delivery} {digest}"))
    }
}

/// What became of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Receipt {
    /// It was heard.
    New,
    /// It was heard before.
    Known,
    /// It was heard, and something else was delivered under its number before, with that digest.
    Other(String),
}

/// Something for the keeper to do; whoever waits gets the answer once it is written down.
pub(super) enum Message {
    Heard(Heard, oneshot::Sender<Result<Receipt, Stopped>>),
    Asked(Asked, oneshot::Sender<Result<Environment, AskError>>),
    Told(Told),
    Found(Vec<Environment>, oneshot::Sender<Result<(), Stopped>>),
    Policy(Policy, oneshot::Sender<Result<(), Stopped>>),
    Stop,
}

/// What somebody wants.
pub(super) struct Asked {
    pub id: Id,
    pub event: Event,
    pub by: String,
    /// What it was said in, if it was a comment: what was carried out before is not done again.
    pub command: Option<String>,
}
