//! Hosts of environments, kept as the records are.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use boatyard_preview::id::label;

use super::run::Server;
use super::said::Said;
use crate::causes::in_one_line;

/// Until what could not be done is tried again.
const AGAIN: Duration = Duration::from_secs(15);
/// Until it is done again though nothing has changed here: somebody else may have changed it there.
const ANEW: Duration = Duration::from_secs(10 * 60);

impl Server {
    /// Has a host of its own lead here for each environment, where the configuration says so.
    pub(super) async fn lead_hosts(self: Arc<Self>) {
        let mut follow = self.keeper.feed().follow();
        let (mut led, mut trouble) = (None, None);
        loop {
            // What changes from here on is noticed below.
            follow.mark_unchanged();
            let labels = self.labels();
            let mut next = ANEW;
            if led.as_ref() != Some(&labels) {
                let config = self.held.now();
                let server = &config.config.server;
                let (domain, port) = (server.domain.as_str(), server.listen.port());
                match self.environments.lead_hosts(&labels, domain, port).await {
                    None => return,
                    Some(Ok(())) => {
                        if trouble.take().is_some() {
                            let what = "hosts of environments lead here again";
                            (self.say)(&Said::Mended(what.to_owned()));
                        }
                        led = Some(labels);
                    }
                    Some(Err(error)) => {
                        next = AGAIN;
                        let why = in_one_line(&error);
                        if trouble.as_ref() != Some(&why) {
                            let what = format!("hosts of environments do not lead here: {why}");
                            (self.say)(&Said::Warning(what));
                            trouble = Some(why);
                        }
                    }
                }
            }
            tokio::select! {
                changed = follow.changed() => if changed.is_err() { return },
                () = tokio::time::sleep(next) => led = None,
            }
        }
    }

    /// What the hosts of all environments begin with that are to be there.
    fn labels(&self) -> BTreeSet<String> {
        self.keeper.look(|known| {
            let all = known.inventory.all().filter(|one| !one.is_leaving());
            all.map(|one| label(&one.revision)).collect()
        })
    }
}
