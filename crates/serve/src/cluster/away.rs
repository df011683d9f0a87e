//! A cluster that does not answer: work waits for it, and is begun again.

use std::sync::Arc;
use std::time::Duration;

use super::kubefiles::Runs;
use super::realm::Realm;
use crate::backend::Order;
use crate::lane::{Outcome, Stop, Trouble};
use crate::logs::Part;

/// Until a cluster that did not answer is asked again.
const AGAIN: Duration = Duration::from_secs(5);

impl Realm {
    /// Tries until the cluster has answered; the keeper says when that takes too long.
    pub(super) async fn until_back(
        self: &Arc<Self>,
        order: &Order,
        stop: &Stop,
    ) -> Result<Outcome<Runs>, Trouble> {
        let id = &order.environment.id;
        let mut said = None;
        loop {
            let outcome = Box::pin(self.once(order, stop)).await;
            let Err(Trouble::Away(why)) = outcome else {
                return outcome;
            };
            if self.is_lost() {
                return Err(Trouble::Away(why));
            }
            if said.as_ref() != Some(&why) {
                let text = format!("note: waiting for the cluster: {why}");
                self.site.settings.logs.append(id, Part::Prepare, &text);
                said = Some(why);
            }
            loop {
                stop.unless(tokio::time::sleep(AGAIN)).await?;
                if stop.unless(self.terms.cluster.reach()).await?.is_ok() {
                    break;
                }
            }
        }
    }

    /// What has failed, because the cluster is away if it is.
    pub(super) async fn or_away<T>(
        &self,
        outcome: Result<T, Trouble>,
        stop: &Stop,
    ) -> Result<T, Trouble> {
        let Err(Trouble::Failed(why)) = outcome else {
            return outcome;
        };
        let reached = stop.unless(self.terms.cluster.reach()).await?;
        Err(match reached {
            Ok(()) => Trouble::Failed(why),
            Err(_) => Trouble::Away(why),
        })
    }
}
