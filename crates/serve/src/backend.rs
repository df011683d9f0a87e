//! What carries out effects: on this machine or on a cluster.

use std::net::SocketAddr;

use boatyard_cluster::retry::Counted;
use boatyard_preview::environment::Environment;
use boatyard_preview::id::Id;
use boatyard_preview::phase::{Effect, Event};

use crate::clock::Clock;

/// What a backend has to do.
#[derive(Clone, Debug)]
pub struct Order {
    /// The environment, as it is written down.
    pub environment: Environment,
    /// What is to be done.
    pub effect: Effect,
    /// The number of this order: what comes of it is told with it.
    pub attempt: u32,
    /// By which what comes of it is dated, as all that is known: it does not jump with that of the machine.
    pub clock: Clock,
}

/// What a backend tells of an order.
#[derive(Clone, Debug)]
pub struct Told {
    /// The environment.
    pub id: Id,
    /// The number of the order.
    pub attempt: u32,
    /// What came of it: [`Event::Done`] or [`Event::Fail`]. A running environment that ends by itself is a `Fail` of the order
    /// that started it, or an [`Event::Break`] if some of it may run still.
    pub event: Event,
}

/// Carries out effects. Any order may come again, also one that is already being carried out or done: the outcome is told with
/// the new number. A later order for the same environment overtakes earlier ones.
pub trait Backend: Send + Sync + 'static {
    /// Begins an order and returns at once; what comes of it is told to the keeper.
    fn begin(&self, order: Order);

    /// Where a running environment answers; none: it does not, or nobody knows yet.
    fn address(&self, id: &Id) -> Option<SocketAddr>;

    /// How calls of the cluster went; none: it has none.
    fn calls(&self) -> Option<Counted> {
        None
    }
}
