//! What is done in a lane.

use std::sync::Arc;

use boatyard_preview::environment::{Environment, Wishes};
use boatyard_preview::phase::Event;

use super::outcome::{Outcome, Trouble};
use super::stop::Stop;
use crate::backend::Order;

/// Who carries out orders: one at a time for each environment. Any may come again, also after half of it was done.
pub(crate) trait Work: Send + Sync + 'static {
    /// What runs once an environment is started.
    type Up: Up;

    /// Carries it out; gives it up soon after `stop` says so, and cleans up after itself then.
    fn carry_out(
        self: Arc<Self>,
        order: Order,
        stop: Stop,
    ) -> impl Future<Output = Result<Outcome<Self::Up>, Trouble>> + Send;

    /// What the commit of an environment that has just been prepared wishes, if anything.
    fn wishes(&self, one: &Environment) -> impl Future<Output = Option<Wishes>> + Send;
}

/// An environment that runs. Who drops it looks away; it runs on.
pub(crate) trait Up: Send {
    /// Returns once it has ended by itself: [`Event::Fail`] with why it has, or [`Event::Break`].
    fn ended(&mut self) -> impl Future<Output = Event> + Send;
}
