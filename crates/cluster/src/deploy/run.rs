//! The turns of a deploy.

use std::collections::BTreeSet;
use std::pin::pin;

use futures_util::future::{Either, select};

use super::error::{Error, Undone};
use super::here::all_here;
use super::terms::{Done, Event, Tell, Terms};
use crate::apply::{Applied, Force, Manner, Placing};
use crate::connect::Cluster;
use crate::data;
use crate::lease::{self, Held, Lost};
use crate::manifest::{Id, Manifest};
use crate::order::turns;
use crate::owner::Owner;
use crate::prune::prune;
use crate::rollout::{Progress, is_workload};
use crate::undo::{Made, undo};
use crate::wait::{self, wait};
use crate::{job, record};

/// Deploys `manifests` as all that `owner` has.
pub async fn deploy(
    cluster: &Cluster,
    owner: &Owner,
    manifests: Vec<Manifest>,
    terms: &Terms,
    tell: Tell<'_>,
) -> Result<Done, Error> {
    all_here(cluster, &manifests)?;
    cluster.reach().await?;
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
        held: &held,
    };
    let done = deploy.locked(manifests).await;
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
    held: &'a Held,
}

/// Why a deploy did not come to its end.
enum Ended {
    Failed(wait::Error),
    /// What is there is somebody else's now: nothing may be written any more.
    Lost(Lost),
}

impl<E: Into<wait::Error>> From<E> for Ended {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl Ended {
    fn of_lock(error: lease::Error) -> Self {
        match error {
            lease::Error::Lost(lost) => Self::Lost(lost),
            lease::Error::Refused(refusal) => Self::Failed(refusal.into()),
            lease::Error::Held { .. } => unreachable!("only who waits is told who holds it"),
        }
    }
}

impl Deploy<'_> {
    async fn locked(&self, manifests: Vec<Manifest>) -> Result<Done, Error> {
        let good = record::read(self.cluster, self.owner).await?;
        let wanted = ids(&manifests);
        let mut made = Made::default();
        let mut applied = Vec::new();
        let ended = {
            let forward = pin!(self.forward(manifests, &mut made, &mut applied));
            let stopped = pin!(self.terms.stop.asked());
            let lost = pin!(self.held.lost());
            match select(forward, select(stopped, lost)).await {
                Either::Left((ended, _)) => ended,
                Either::Right((Either::Left(_), _)) => Err(wait::Error::Stopped.into()),
                Either::Right((Either::Right((lost, _)), _)) => Err(Ended::Lost(lost)),
            }
        };
        match ended {
            Ok(()) => {}
            Err(Ended::Lost(lost)) => return Err(Error::Lost(lost)),
            Err(Ended::Failed(source)) => return Err(self.undo(source, made, good).await),
        }
        let pruned = self.prune(&wanted, &good.unwrap_or_default()).await?;
        Ok(Done {
            applied,
            jobs: made.jobs.iter().map(Manifest::id).collect(),
            pruned,
        })
    }

    /// All that is undone if it fails. Each phase that writes begins with the lock in our hands.
    async fn forward(
        &self,
        manifests: Vec<Manifest>,
        made: &mut Made,
        applied: &mut Vec<Applied>,
    ) -> Result<(), Ended> {
        let turns = turns(manifests.clone());
        self.confirm().await?;
        for manifest in &turns.ground {
            applied.push(self.apply(manifest, made).await?);
        }
        self.begin(&manifests).await?;
        self.place(&turns.first, made, applied).await?;
        for job in &turns.jobs {
            self.run(job, made).await?;
        }
        self.confirm().await?;
        self.place(&turns.roles, made, applied).await?;
        for job in &turns.after {
            self.run(job, made).await?;
        }
        // Before anything is removed: it is what the next one goes back to.
        self.confirm().await?;
        record::write(self.cluster, self.owner, &manifests).await?;
        Ok(())
    }

    /// Applies these, and waits until what runs of them is ready.
    async fn place(
        &self,
        manifests: &[Manifest],
        made: &mut Made,
        applied: &mut Vec<Applied>,
    ) -> Result<(), Ended> {
        let mut workloads = Vec::new();
        for manifest in manifests {
            applied.push(self.apply(manifest, made).await?);
            let id = manifest.id();
            if is_workload(&id.kind) {
                workloads.push(id);
            }
        }
        let (patience, tell) = (self.terms.patience, self.progress());
        Ok(wait(self.cluster, &workloads, patience, &tell).await?)
    }

    /// Has volumes begin with the data that is kept for them.
    async fn begin(&self, manifests: &[Manifest]) -> Result<(), Ended> {
        let Some(kept) = &self.terms.begin else {
            return Ok(());
        };
        self.confirm().await?;
        let (cluster, owner, stop) = (self.cluster, self.owner, &self.terms.stop);
        let put = Box::pin(data::put(cluster, owner, manifests, kept, stop));
        put.await.map_err(|error| Ended::from(Box::new(error)))
    }

    async fn confirm(&self) -> Result<(), Ended> {
        self.held.confirm().await.map_err(Ended::of_lock)
    }

    async fn run(&self, job: &Manifest, made: &mut Made) -> Result<(), Ended> {
        self.confirm().await?;
        (self.tell)(&Event::Job(&job.id()));
        made.jobs.push(job.clone());
        let (patience, tell) = (self.terms.patience, self.progress());
        let force = self.force();
        job::run(self.cluster, self.owner, job, force, patience, &tell).await?;
        Ok(())
    }

    async fn apply(&self, manifest: &Manifest, made: &mut Made) -> Result<Applied, Ended> {
        self.held.sure().await.map_err(Ended::of_lock)?;
        let manner = Manner {
            dry_run: false,
            force: self.force(),
        };
        let placing = Placing::new(self.cluster, self.owner, manifest, manner).await?;
        // Noted before it is sent: we may be stopped before the answer comes.
        made.placed.push(placing.clone());
        let applied = placing.apply().await?;
        (self.tell)(&Event::Applied(&applied));
        Ok(applied)
    }

    fn force(&self) -> Force {
        Force::of_word(self.terms.force)
    }

    /// Removes what the project no longer has. That all of it is good is kept already.
    async fn prune(&self, wanted: &BTreeSet<Id>, last: &[Manifest]) -> Result<Vec<Id>, Error> {
        self.held.confirm().await?;
        let pruned = prune(self.cluster, self.owner, wanted, last, false).await;
        for id in &pruned.gone {
            (self.tell)(&Event::Pruned(id));
        }
        if pruned.left.is_empty() {
            return Ok(pruned.gone);
        }
        Err(Error::Unpruned { left: pruned.left })
    }

    async fn undo(&self, source: wait::Error, made: Made, good: Option<Vec<Manifest>>) -> Error {
        let undone = match self.held.confirm().await {
            Err(lease::Error::Lost(_)) => Some(Undone::Left),
            // It would fail for each object, one after the other.
            Err(lease::Error::Refused(refusal)) if refusal.is_silence() => Some(Undone::CutOff),
            _ => None,
        };
        if let Some(undone) = undone {
            return Error::Failed { undone, source };
        }
        let to_record = good.is_some();
        (self.tell)(&Event::Undoes { to_record });
        let patience = self.terms.patience;
        let tell = self.progress();
        let left = {
            let undo = pin!(undo(self.cluster, self.owner, made, good, patience, &tell));
            match select(undo, pin!(self.held.lost())).await {
                Either::Left((left, _)) => left,
                Either::Right(_) => {
                    let undone = Undone::Left;
                    return Error::Failed { undone, source };
                }
            }
        };
        if !left.is_empty() {
            return Error::HalfWay { source, left };
        }
        let undone = if to_record {
            Undone::ToRecord
        } else {
            Undone::ToNothing
        };
        Error::Failed { undone, source }
    }

    fn progress(&self) -> impl Fn(&Id, &Progress) + Sync {
        let tell = self.tell;
        move |id: &Id, progress: &Progress| tell(&Event::Progress(id, progress))
    }
}

/// What is wanted.
pub(super) fn ids(manifests: &[Manifest]) -> BTreeSet<Id> {
    manifests.iter().map(Manifest::id).collect()
}
