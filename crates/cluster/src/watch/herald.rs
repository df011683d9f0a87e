//! To be told instead of watching: whoever keeps many namespaces has one watch for all of them, and not several connections for each.
//!
//! ```text
//! one watch for all --> Herald --"there may be something different"--> look: all that matters, as it is now
//!                                 '-- nothing was said for a while: what a herald does not hear is seen then
//! ```

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::stream::{BoxStream, unfold};
use futures_util::{Stream, StreamExt as _};
use k8s_openapi::api::core::v1::Event;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use super::figures::Meter;
use super::look::{objects, warnings};
use crate::connect::Cluster;
use crate::refusal::Refusal;
use crate::rollout::View;

/// How soon one looks again at the earliest: what changes at all changes more than once.
const TOGETHER: Duration = Duration::from_millis(100);
/// How soon one looks though nothing was said, at first and at last.
const FIRST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(5);
/// After what time, and how often, one asks what is in the way: most is ready before that, and the API server reads all events of a
/// namespace for each who asks.
const WARNINGS: Duration = Duration::from_secs(5);
const AGAIN: Duration = Duration::from_secs(15);

/// Says when something may be different in a namespace.
pub trait Herald: Send + Sync {
    /// Something each time that something may be different, from now on.
    fn changes(&self) -> BoxStream<'static, ()>;

    /// Whoever looks waits here for its turn: all are told at once when all was listed anew.
    fn looks(&self) -> Arc<Semaphore>;
}

/// When to look again at something that changes.
pub(crate) struct Pace {
    /// None: nobody says when.
    changes: Option<BoxStream<'static, ()>>,
    /// For how long nothing has to be said before the next look.
    pause: Duration,
}

impl Pace {
    /// In the cluster's namespace.
    pub(crate) fn of(cluster: &Cluster) -> Self {
        Self {
            changes: cluster.herald().map(|herald| herald.changes()),
            pause: FIRST,
        }
    }

    /// Returns when it is time to.
    pub(crate) async fn next(&mut self) {
        let Some(changes) = &mut self.changes else {
            return sleep(FIRST).await;
        };
        sleep(TOGETHER).await;
        let said = timeout(self.pause, changes.next()).await;
        let longer = (self.pause * 2).min(LONGEST);
        self.pause = if said.is_ok() { FIRST } else { longer };
    }
}

/// What the cluster's namespace holds of what tells how far workloads of `kinds` are, now and whenever it may be different. An error is
/// one that asking again does not change.
pub(super) fn told(
    cluster: &Cluster,
    kinds: &BTreeSet<&str>,
    meter: Meter,
    herald: &dyn Herald,
) -> impl Stream<Item = Result<View, Refusal>> + Send + 'static {
    let looker = Looker {
        cluster: cluster.clone(),
        kinds: kinds.iter().map(|&kind| kind.to_owned()).collect(),
        meter,
        pace: Pace::of(cluster),
        is_first: true,
        looks: herald.looks(),
        warned: Instant::now(),
        is_slow: false,
        events: Vec::new(),
    };
    unfold(looker, |mut looker| async {
        let seen = looker.next().await;
        Some((seen, looker))
    })
}

struct Looker {
    cluster: Cluster,
    kinds: BTreeSet<String>,
    meter: Meter,
    pace: Pace,
    is_first: bool,
    looks: Arc<Semaphore>,
    /// Since when nobody has asked what is in the way.
    warned: Instant,
    /// Whether that was asked before.
    is_slow: bool,
    /// What was in the way when that was asked last.
    events: Vec<Event>,
}

impl Looker {
    async fn next(&mut self) -> Result<View, Refusal> {
        loop {
            if !std::mem::take(&mut self.is_first) {
                self.pace.next().await;
            }
            match self.look().await {
                Ok(view) => {
                    self.meter.heard();
                    return Ok(view);
                }
                // Who is not there will be again; a call has tried for a while before it says so.
                Err(refusal) if refusal.is_absence() => self.meter.failed(&refusal.source),
                Err(refusal) => return Err(refusal),
            }
        }
    }

    async fn look(&mut self) -> Result<View, Refusal> {
        // It is never closed.
        let _turn = self.looks.acquire().await;
        let kinds = self.kinds.iter().map(String::as_str).collect();
        let mut view = objects(&self.cluster, &kinds).await?;
        let wait = if self.is_slow { AGAIN } else { WARNINGS };
        if self.warned.elapsed() >= wait && view.is_puzzling() {
            self.events = warnings(&self.cluster, &view).await?;
            (self.warned, self.is_slow) = (Instant::now(), true);
        }
        view.events.clone_from(&self.events);
        Ok(view)
    }
}
