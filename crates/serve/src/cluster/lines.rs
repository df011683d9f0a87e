//! What pods print, copied to the log of the environment.

use boatyard_cluster::{Cluster, process};
use boatyard_preview::environment::Environment;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::realm::Realm;
use crate::causes::in_one_line;
use crate::logs::{BAR, Part};

/// They are copied for as long as this is there.
pub(super) struct Lines {
    /// Says that no more will come.
    over: Option<oneshot::Sender<()>>,
    copying: JoinHandle<()>,
}

impl Lines {
    /// Returns when all is copied that was printed until now.
    pub(super) async fn heard_out(mut self) {
        drop(self.over.take());
        // One that has panicked has said so.
        let _ = (&mut self.copying).await;
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        self.copying.abort();
    }
}

impl Realm {
    /// Copies what the pods of the cluster's namespace print that `pods` (a selector) chooses, from now on, what was printed until `seen`
    /// (milliseconds) left out.
    pub(super) fn copied(
        &self,
        one: &Environment,
        (cluster, pods): (Cluster, String),
        part: Part,
        seen: u64,
    ) -> Lines {
        let (logs, id) = (self.site.settings.logs.clone(), one.id);
        let (over, is_over) = oneshot::channel();
        let copying = tokio::spawn(async move {
            let mut tell = |line: &process::Line| {
                let millis = u64::try_from(line.time.as_millisecond()).unwrap_or(0);
                if millis > seen {
                    let text = format!("{}{}{}", line.process, BAR, line.text);
                    logs.append_at(&id, part, millis, &text);
                }
            };
            let followed = process::follow(&cluster, &pods, is_over, &mut tell);
            if let Err(error) = followed.await {
                let why = in_one_line(&error);
                let text = format!("note: what it prints is not shown: {why}");
                logs.append(&id, part, &text);
            }
        });
        Lines {
            over: Some(over),
            copying,
        }
    }
}
