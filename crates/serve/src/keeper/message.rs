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
    /// Who said it.
    pub by: String,
    /// What.
    pub news: Vec<News>,
    /// What somebody says in comments: it is written down, for whoever carries it out.
    pub commands: Vec<Command>,
}

/// Something for the keeper to do; whoever waits gets the answer once it is written down.
pub(super) enum Message {
    Heard(Heard, oneshot::Sender<Result<bool, Stopped>>),
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
