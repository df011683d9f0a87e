//! Waits until workloads are ready, or tells why they are not.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use boatyard_plan::failure::{Failure, Fault};
use serde::Serialize;

use crate::connect::Cluster;
use crate::data;
use crate::log;
use crate::manifest::Id;
use crate::refusal::Refusal;
use crate::rollout::{Progress, View, progress};
use crate::trouble::{Heals, Kind, Trouble};
use crate::watch::{Watch, look};

/// For how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// In all.
    pub timeout: Duration,
    /// With what is likely to stay as it is: [`Heals::Soon`].
    pub trouble: Duration,
}

/// A workload that is not ready.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unready {
    /// Which.
    pub id: Id,
    /// How far it is.
    pub how_far: String,
    /// What is in the way, if the cluster says.
    pub trouble: Option<Trouble>,
    /// What its container printed last.
    pub log: Vec<String>,
}

impl Unready {
    fn is_gone(&self) -> bool {
        let kind = self.trouble.as_ref().map(|trouble| trouble.kind);
        kind == Some(Kind::Gone)
    }
}

/// Why waiting ended without success.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Workloads are not ready, and will not be, or not in time.
    #[error("{}", told(.unready, *.waited))]
    Unready {
        /// Which, and why; at least one.
        unready: Vec<Unready>,
        /// How long they were given, if time was what ended it.
        waited: Option<Duration>,
    },
    /// Somebody asked us to stop.
    #[error("it was asked to stop")]
    Stopped,
    /// Data that is to be there first cannot be put there.
    #[error(transparent)]
    Data(#[from] Box<data::Error>),
    /// The cluster does not let us look.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

fn told(unready: &[Unready], waited: Option<Duration>) -> String {
    let texts: Vec<String> = unready.iter().map(|one| reason(one, waited)).collect();
    texts.join("\n")
}

/// `Deployment/web is not ready: pod web-1: it ended with exit code 3`, and lines of its log below.
fn reason(one: &Unready, waited: Option<Duration>) -> String {
    let after = waited.map(|waited| format!(" after {} s", waited.as_secs()));
    let pod = one
        .trouble
        .as_ref()
        .and_then(|trouble| trouble.pod.as_ref());
    let pod = pod.map(|pod| format!("pod {pod}: "));
    let why = one
        .trouble
        .as_ref()
        .map_or(one.how_far.as_str(), |trouble| &trouble.message);
    let first = format!(
        "{} is not ready{}: {}{}",
        one.id,
        after.unwrap_or_default(),
        pod.unwrap_or_default(),
        why.trim_end()
    );
    let log = one.log.iter().map(|line| format!("\n  | {line}"));
    [first].into_iter().chain(log).collect()
}

impl Failure for Error {
    fn fault(&self) -> Fault {
        match self {
            Self::Unready { .. } | Self::Stopped => Fault::Work,
            Self::Data(error) => error.fault(),
            Self::Refused(refusal) => refusal.fault(),
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Unready { unready, .. } => {
                let first = unready.iter().find_map(|one| one.trouble.as_ref());
                Some(
                    first
                        .map_or("give it more time with --timeout", Trouble::help)
                        .to_owned(),
                )
            }
            Self::Stopped => None,
            Self::Data(error) => error.help(),
            Self::Refused(refusal) => refusal.help(),
        }
    }
}

/// What is told while waiting: a workload is ready, or something else is in its way than before.
pub type Tell<'a> = &'a (dyn Fn(&Id, &Progress) + Sync);

/// Waits for all of `ids`. One that fails for good ends the wait for the others.
pub async fn wait(
    cluster: &Cluster,
    ids: &[Id],
    patience: Patience,
    tell: Tell<'_>,
) -> Result<(), Error> {
    if ids.is_empty() {
        return Ok(());
    }
    let begin = Instant::now();
    let mut watch = Watch::new(cluster, ids);
    let mut troubles = Troubles::default();
    let fresh = cluster.calls().limits().silence() * 2;
    let mut since = Instant::now();
    loop {
        // An event that was never told is not waited for: now and then all is listed anew.
        if watch.may_miss() && since.elapsed() > fresh && watch.view().is_some() {
            watch = Watch::new(cluster, ids);
            since = Instant::now();
        }
        let silent = watch.silent().as_deref().map(not_answering);
        let mut left = watch
            .view()
            .map(|view| unready(&view, ids, silent.as_ref(), &mut troubles, tell));
        let seems_gone =
            |one: &Unready| one.is_gone() && troubles.is_lasting(one, patience.trouble);
        if left.iter().flatten().any(seems_gone) {
            // A watch may have missed that it came; what is listed now counts.
            let view = look(cluster, ids).await?;
            left = Some(unready(&view, ids, None, &mut troubles, tell));
            watch = Watch::new(cluster, ids);
            since = Instant::now();
        }
        let timely = begin.elapsed() < patience.timeout;
        if !timely && silent.is_none() && !watch.may_miss() {
            // What is in its way may not have been asked for yet.
            let view = look(cluster, ids).await?;
            left = Some(unready(&view, ids, None, &mut troubles, tell));
        }
        match left {
            Some(left) if left.is_empty() => return Ok(()),
            Some(left) => {
                let failed: Vec<Unready> = left
                    .iter()
                    .filter(|one| troubles.is_lasting(one, patience.trouble))
                    .cloned()
                    .collect();
                if !failed.is_empty() || !timely {
                    let by_time = failed.is_empty();
                    let found = if by_time { left } else { failed };
                    return Err(Error::Unready {
                        unready: with_logs(cluster, found).await,
                        waited: by_time.then_some(patience.timeout),
                    });
                }
            }
            None if !timely => {
                let never = |id: &Id| Unready {
                    id: id.clone(),
                    how_far: silent
                        .clone()
                        .unwrap_or_else(|| "the cluster did not say how far it is".to_owned()),
                    trouble: None,
                    log: Vec::new(),
                };
                return Err(Error::Unready {
                    unready: ids.iter().map(never).collect(),
                    waited: Some(patience.timeout),
                });
            }
            None => {}
        }
        // Patience runs out between changes, too.
        let tick = Duration::from_millis(500);
        if let Ok(changed) = tokio::time::timeout(tick, watch.next()).await {
            changed?;
        }
    }
}

/// What is in the way of each, and since when.
#[derive(Default)]
struct Troubles {
    since: BTreeMap<Id, (Trouble, Instant)>,
    told: BTreeMap<Id, Progress>,
}

impl Troubles {
    fn is_lasting(&self, one: &Unready, patience: Duration) -> bool {
        let Some((trouble, since)) = self.since.get(&one.id) else {
            return false;
        };
        match trouble.heals() {
            Heals::Never => true,
            Heals::Soon => since.elapsed() >= patience,
            Heals::Perhaps => false,
        }
    }

    fn see(&mut self, id: &Id, trouble: Option<&Trouble>) {
        let Some(trouble) = trouble else {
            self.since.remove(id);
            return;
        };
        let known = self.since.entry(id.clone());
        let (had, since) = known.or_insert_with(|| (trouble.clone(), Instant::now()));
        if had.kind != trouble.kind {
            *since = Instant::now();
        }
        *had = trouble.clone();
    }
}

/// Why what was known before is no longer to be relied on.
fn not_answering(failure: &str) -> String {
    format!("the cluster does not answer: {failure}")
}

fn unready(
    view: &View,
    ids: &[Id],
    silent: Option<&String>,
    troubles: &mut Troubles,
    tell: Tell<'_>,
) -> Vec<Unready> {
    let mut left = Vec::new();
    for id in ids {
        let now = match silent {
            Some(said) => Progress::Going {
                how_far: said.clone(),
                trouble: None,
            },
            None => progress(view, id),
        };
        if troubles.told.get(id) != Some(&now) {
            tell(id, &now);
            troubles.told.insert(id.clone(), now.clone());
        }
        let Progress::Going { how_far, trouble } = now else {
            continue;
        };
        troubles.see(id, trouble.as_ref());
        left.push(Unready {
            id: id.clone(),
            how_far,
            trouble,
            log: Vec::new(),
        });
    }
    left
}

async fn with_logs(cluster: &Cluster, mut unready: Vec<Unready>) -> Vec<Unready> {
    for one in &mut unready {
        if let Some(trouble) = &one.trouble {
            one.log = log::last_lines(cluster, trouble).await;
        }
    }
    unready
}
