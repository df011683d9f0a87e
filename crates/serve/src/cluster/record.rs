//! The record of an environment, kept with what it is about.

use boatyard_cluster::Refusal;
use boatyard_cluster::namespace::{list, note};
use boatyard_preview::environment::Environment;
use boatyard_preview::phase::Event;
use boatyard_preview::step;
use boatyard_preview::time::Time;

use super::realm::Realm;
use crate::backend::Order;
use crate::lane::{Stop, Trouble};
use crate::logs::now;

impl Realm {
    /// Writes the record of an environment on its namespace, if it has one.
    pub(super) async fn note(&self, one: &Environment, stop: &Stop) -> Result<(), Trouble> {
        let namespace = self.namespace(&one.id);
        let text = text(one);
        let noted = note(&self.terms.cluster, &namespace, &text);
        stop.unless(noted).await?.map(drop).map_err(Trouble::of)
    }

    /// Writes what has come of an order, so that whoever finds it does not do it again. What cannot be written is done again.
    pub(super) async fn note_outcome(&self, order: &Order, event: &Event) {
        let now = Time(now());
        let next = step(&order.environment, event, Some(order.attempt), now);
        if let Ok(next) = next
            && let Some(one) = next.environment
        {
            let namespace = self.namespace(&one.id);
            let _ = note(&self.terms.cluster, &namespace, &text(&one)).await;
        }
    }

    /// What the records say that there is. A record that cannot be read is nobody's.
    pub(super) async fn found(&self) -> Result<Vec<Environment>, Refusal> {
        let all = list(&self.terms.cluster, self.server()).await?;
        let records = all.into_iter().filter_map(|found| {
            let one = read(found.record.as_deref()?)?;
            (self.namespace(&one.id) == found.namespace).then_some(one)
        });
        Ok(records.collect())
    }
}

/// The record.
pub(super) fn text(one: &Environment) -> String {
    serde_json::to_string(one).unwrap_or_default()
}

/// What a record says, if it is one.
pub(super) fn read(text: &str) -> Option<Environment> {
    serde_json::from_str(text).ok()
}
