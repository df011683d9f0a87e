//! The turns of a deploy.

use std::collections::BTreeSet;
use std::pin::pin;

use futures_util::future::{Either, select};

use super::error::{Error, Undone};
use super::terms::{Done, Event, Tell, Terms};
use crate::apply::{Applied, Manner, apply};
use crate::connect::Cluster;
use crate::lease::{self, Held};
use crate::manifest::{Id, Manifest};
use crate::order::turns;
use crate::owner::Owner;
use crate::prune::prune;
use crate::refusal::{Refusal, Said};
use crate::rollout::{Progress, is_workload};
use crate::wait::{self, wait};
use crate::{job, record, undo};

/// What a deploy would do. Locks nothing and changes nothing; admission and validation of the cluster take part.
pub async fn preview(
    cluster: &Cluster,
    owner: &Owner,
    manifests: Vec<Manifest>,
    force: bool,
) -> Result<Done, Refusal> {
    all_here(cluster, &manifests)?;
    let wanted = ids(&manifests);
    let turns = turns(manifests);
    let manner = Manner {
        dry_run: true,
        force,
    };
    let mut applied = Vec::new();
    for manifest in turns.ground.iter().chain(&turns.roles) {
        applied.push(apply(cluster, owner, manifest, manner).await?);
    }
    let jobs = || turns.jobs.iter().chain(&turns.after);
    for job in jobs() {
        // A job that ran cannot be changed, so the cluster is asked about a new one.
        let another = job.clone().renamed("boatyard-dry-run");
        apply(cluster, owner, &another, manner).await?;
    }
    Ok(Done {
        applied,
        jobs: jobs().map(Manifest::id).collect(),
        pruned: prune(cluster, owner, &wanted, true).await?,
    })
}

/// Deploys `manifests` as all that `owner` has.
pub async fn deploy(
    cluster: &Cluster,
    owner: &Owner,
    manifests: Vec<Manifest>,
    terms: &Terms,
    tell: Tell<'_>,
) -> Result<Done, Error> {
    all_here(cluster, &manifests)?;
    let waits = |holder: &str| tell(&Event::Waits { holder });
    let held = {
        let lock = pin!(lease::lock(cluster, owner, &terms.me, terms.lock, &waits));
        match select(lock, pin!(terms.stop.asked())).await {
            Either::Left((held, _)) => held?,
            Either::Right(_) => return Err(Error::Stopped),
        }
    };
    let deploy = Deploy {
        cluster,
        owner,
        terms,
        tell,
    };
    let done = deploy.locked(manifests, &held).await;
    let released = held.release().await;
    // What went wrong first is what is told.
    let done = done?;
    released?;
    Ok(done)
}

struct Deploy<'a> {
    cluster: &'a Cluster,
    owner: &'a Owner,
    terms: &'a Terms,
    tell: Tell<'a>,
}

/// What was done when it went wrong.
#[derive(Default)]
struct Made {
    applied: Vec<(Manifest, Applied)>,
    jobs: Vec<Manifest>,
}

impl Deploy<'_> {
    async fn locked(&self, manifests: Vec<Manifest>, held: &Held) -> Result<Done, Error> {
        let good = record::read(self.cluster, self.owner).await?;
        let wanted = ids(&manifests);
        let mut made = Made::default();
        let ended = {
            let forward = pin!(self.forward(manifests.clone(), &mut made));
            let stopped = pin!(self.terms.stop.asked());
            match select(forward, stopped).await {
                Either::Left((ended, _)) => ended,
                Either::Right(_) => Err(wait::Error::Stopped),
            }
        };
        if let Err(source) = ended {
            return Err(self.undo(source, made, good, held).await);
        }
        let pruned = prune(self.cluster, self.owner, &wanted, false).await?;
        for id in &pruned {
            (self.tell)(&Event::Pruned(id));
        }
        record::write(self.cluster, self.owner, &manifests).await?;
        Ok(Done {
            applied: made
                .applied
                .into_iter()
                .map(|(_, applied)| applied)
                .collect(),
            jobs: made.jobs.iter().map(Manifest::id).collect(),
            pruned,
        })
    }

    async fn forward(&self, manifests: Vec<Manifest>, made: &mut Made) -> Result<(), wait::Error> {
        let turns = turns(manifests);
        for manifest in turns.ground {
            self.apply(manifest, made).await?;
        }
        for job in turns.jobs {
            self.run(job, made).await?;
        }
        let mut workloads = Vec::new();
        for manifest in turns.roles {
            let id = manifest.id();
            self.apply(manifest, made).await?;
            if is_workload(&id.kind) {
                workloads.push(id);
            }
        }
        let (patience, tell) = (self.terms.patience, self.progress());
        wait(self.cluster, &workloads, patience, &tell).await?;
        for job in turns.after {
            self.run(job, made).await?;
        }
        Ok(())
    }

    async fn run(&self, job: Manifest, made: &mut Made) -> Result<(), wait::Error> {
        (self.tell)(&Event::Job(&job.id()));
        made.jobs.push(job.clone());
        let (patience, tell) = (self.terms.patience, self.progress());
        job::run(self.cluster, self.owner, &job, patience, &tell).await
    }

    async fn apply(&self, manifest: Manifest, made: &mut Made) -> Result<(), Refusal> {
        let manner = Manner {
            dry_run: false,
            force: self.terms.force,
        };
        let applied = apply(self.cluster, self.owner, &manifest, manner).await?;
        (self.tell)(&Event::Applied(&applied));
        made.applied.push((manifest, applied));
        Ok(())
    }

    async fn undo(
        &self,
        source: wait::Error,
        made: Made,
        good: Option<Vec<Manifest>>,
        held: &Held,
    ) -> Error {
        if matches!(held.confirm().await, Err(lease::Error::Lost(_))) {
            let undone = Undone::Left;
            return Error::Failed { undone, source };
        }
        let to_record = good.is_some();
        (self.tell)(&Event::Undoes { to_record });
        let (undone, result) = if let Some(good) = good {
            let patience = self.terms.patience;
            let tell = self.progress();
            let back = undo::to_record(self.cluster, self.owner, good, patience, &tell).await;
            (Undone::ToRecord, back)
        } else {
            let gone = undo::to_nothing(self.cluster, &made.applied, &made.jobs).await;
            (Undone::ToNothing, gone.map_err(wait::Error::from))
        };
        match result {
            Ok(()) => Error::Failed { undone, source },
            Err(undoing) => Error::HalfWay {
                source,
                undoing: Box::new(undoing),
            },
        }
    }

    fn progress(&self) -> impl Fn(&Id, &Progress) + Sync {
        let tell = self.tell;
        move |id: &Id, progress: &Progress| tell(&Event::Progress(id, progress))
    }
}

fn ids(manifests: &[Manifest]) -> BTreeSet<Id> {
    manifests.iter().map(Manifest::id).collect()
}

/// A deploy is in one namespace: what it locks, waits for, records and removes is there.
fn all_here(cluster: &Cluster, manifests: &[Manifest]) -> Result<(), Refusal> {
    for manifest in manifests {
        let wanted = cluster.namespace();
        if let Some(said) = manifest.namespace().filter(|said| *said != wanted) {
            return Err(Refusal {
                doing: format!("deploy {}", manifest.id()),
                source: Said::Elsewhere {
                    said: said.to_owned(),
                    wanted: wanted.to_owned(),
                },
            });
        }
    }
    Ok(())
}
