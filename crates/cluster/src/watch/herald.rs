//! To be told instead of watching: whoever keeps many namespaces has one watch for all of them, and not several connections for each.
//!
//! ```text
//! one watch for all --> Herald --"there may be something different"--> look: what matters, as it is now
//!                                 '-- nothing was said for a while: what a herald does not hear is seen then
//! ```

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use futures_util::stream::{BoxStream, unfold};
use futures_util::{Stream, StreamExt as _};
use k8s_openapi::api::apps::v1::ReplicaSet;
use k8s_openapi::api::core::v1::{Event, Pod};
use tokio::time::{sleep, timeout};

use super::figures::Meter;
use super::look::{makes, warnings, workloads};
use super::roll::Roll;
use crate::connect::Cluster;
use crate::manifest::Id;
use crate::refusal::Refusal;
use crate::rollout::{Progress, View, progress};

/// How soon one looks again at the earliest: what changes at all changes more than once.
const TOGETHER: Duration = Duration::from_millis(100);
/// How soon one looks though nothing was said, at first and at last.
const FIRST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(5);
/// After what time one looks at pods, too: most is ready before that, and the API server goes through all of a namespace for each who asks.
const SLOW: Duration = Duration::from_secs(5);
/// How often one asks what is in the way: for that it reads all events of a namespace.
const AGAIN: Duration = Duration::from_secs(15);

/// Something that may be different.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// These pods, by their names: what is heard of pods is all here.
    pub pods: BTreeSet<String>,
    /// Anything, also pods that nobody names.
    pub is_anything: bool,
}

/// Says when something may be different in a namespace.
pub trait Herald: Send + Sync {
    /// Something each time that something may be different, from now on.
    fn changes(&self) -> BoxStream<'static, Change>;
}

/// When to look again at something that changes.
pub(crate) struct Pace {
    /// None: nobody says when.
    changes: Option<BoxStream<'static, Change>>,
    /// For how long nothing has to be said before the next look.
    pause: Duration,
}

impl Pace {
    /// In the cluster's namespace.
    pub(crate) fn of(cluster: &Cluster) -> Self {
        Self {
            changes: cluster.herald().map(Herald::changes),
            pause: FIRST,
        }
    }

    /// Returns when it is time to, and what was heard until then.
    pub(crate) async fn next(&mut self) -> Change {
        let Some(changes) = &mut self.changes else {
            sleep(FIRST).await;
            return Change::default();
        };
        sleep(TOGETHER).await;
        let said = timeout(self.pause, changes.next()).await;
        let longer = (self.pause * 2).min(LONGEST);
        self.pause = if said.is_ok() { FIRST } else { longer };
        said.ok().flatten().unwrap_or_default()
    }
}

/// What tells how far `ids` are, now and whenever it may be different. An error is one that asking again does not change.
pub(super) fn told(
    cluster: &Cluster,
    ids: &[Id],
    meter: Meter,
) -> impl Stream<Item = Result<View, Refusal>> + Send + 'static {
    let looker = Looker {
        cluster: cluster.clone(),
        ids: ids.to_vec(),
        meter,
        pace: Pace::of(cluster),
        pods: Roll::new(cluster.chosen("Pod")),
        replica_sets: Roll::new(cluster.chosen("ReplicaSet")),
        is_first: true,
        begin: Instant::now(),
        asked: None,
        events: Vec::new(),
    };
    unfold(looker, |mut looker| async {
        let seen = looker.next().await;
        Some((seen, looker))
    })
}

struct Looker {
    cluster: Cluster,
    ids: Vec<Id>,
    meter: Meter,
    pace: Pace,
    pods: Roll<Pod>,
    replica_sets: Roll<ReplicaSet>,
    is_first: bool,
    begin: Instant,
    /// When it was asked last what is in the way.
    asked: Option<Instant>,
    /// What was in the way then.
    events: Vec<Event>,
}

impl Looker {
    async fn next(&mut self) -> Result<View, Refusal> {
        loop {
            if !std::mem::take(&mut self.is_first) {
                let change = self.pace.next().await;
                self.pods.hear(&change);
            }
            match self.look().await {
                Ok(view) => {
                    self.meter.heard();
                    return Ok(view);
                }
                // Who is not there will be again; a call has tried for a while before it says so.
                Err(refusal) if refusal.source.passes() => self.meter.failed(&refusal.source),
                Err(refusal) => return Err(refusal),
            }
        }
    }

    async fn look(&mut self) -> Result<View, Refusal> {
        let mut view = workloads(&self.cluster, &self.ids).await?;
        if !self.is_slow(&view) {
            return Ok(view);
        }
        let made = (&mut self.replica_sets, &mut self.pods);
        makes(&self.cluster, &self.ids, made, &mut view).await?;
        if view.is_puzzling() {
            if self.asked.is_none_or(|asked| asked.elapsed() >= AGAIN) {
                self.events = warnings(&self.cluster, &view).await?;
                self.asked = Some(Instant::now());
            }
            view.events.clone_from(&self.events);
        }
        Ok(view)
    }

    /// Whether something takes longer than it should, or has failed: its pods say why.
    fn is_slow(&self, view: &View) -> bool {
        let is_late = self.begin.elapsed() >= SLOW;
        self.ids.iter().any(|id| match progress(view, id) {
            Progress::Done => false,
            Progress::Going { trouble, .. } => is_late || trouble.is_some(),
        })
    }
}
