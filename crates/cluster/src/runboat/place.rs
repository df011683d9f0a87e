//! Putting what kubefiles bring where it belongs.

use futures_util::StreamExt as _;
use futures_util::future::join;
use futures_util::stream::iter;
use k8s_openapi::api::batch::v1::Job;
use kube::ResourceExt as _;
use kube::api::ListParams;

use super::error::Error;
use super::installed::{Installed, Mark};
use super::there::Init;
use crate::apply::{Force, Manner, Placing};
use crate::job;
use crate::kubefiles::{BUILD, Mode};
use crate::manifest::{Id, Manifest};
use crate::order::turns;
use crate::wait::{Patience, Tell, wait};

/// To ask first; in earnest, others' fields are taken over as well.
const ASKS: Manner = Manner {
    dry_run: true,
    force: Force::Fields,
};
/// How many objects are applied at once.
const AT_ONCE: usize = 8;

/// Manifests of which each can be applied, as a dry run has shown.
pub struct Rehearsed {
    /// Its Deployment, if it is not there yet: by that it is found again, whatever becomes of the rest.
    first: Vec<Placing>,
    /// What others refer to.
    ground: Vec<Placing>,
    /// What runs, and all else.
    rest: Vec<Placing>,
}

impl Rehearsed {
    /// Applies them all.
    pub async fn place(&self) -> Result<(), Error> {
        for some in [&self.first, &self.ground, &self.rest] {
            let mut calls = Vec::new();
            for one in some {
                calls.push(one.apply());
            }
            together(calls).await?;
        }
        Ok(())
    }
}

impl Installed {
    /// Asks whether they can be applied, and whether none of them is somebody else's by now. Its Deployment says by `mark` whose it is, and
    /// that it is as far as it was: there is never one of ours that does not.
    pub async fn rehearse(
        &self,
        manifests: &[Manifest],
        mark: &Mark,
        init: Init,
    ) -> Result<Rehearsed, Error> {
        let mut marked = manifests.to_vec();
        for one in &mut marked {
            if self.is_deployment(&one.id()) {
                *one = mark.on(one, init);
            }
        }
        self.rehearsed(marked).await
    }

    /// Applies them all, once it is known that each can be.
    pub async fn place(&self, manifests: &[Manifest]) -> Result<(), Error> {
        self.rehearsed(manifests.to_vec()).await?.place().await
    }

    async fn rehearsed(&self, manifests: Vec<Manifest>) -> Result<Rehearsed, Error> {
        let turns = turns(manifests);
        let rest = [turns.first, turns.jobs, turns.roles, turns.after].concat();
        let (ground, rest) = join(self.all_tried(&turns.ground), self.all_tried(&rest)).await;
        let (ground, rest) = (ground?, rest?);
        let is_first = |one: &Placing| one.before().is_none() && self.is_deployment(one.id());
        let (first, rest) = rest.into_iter().partition(is_first);
        Ok(Rehearsed {
            first,
            ground,
            rest,
        })
    }

    async fn all_tried(&self, manifests: &[Manifest]) -> Result<Vec<Placing>, Error> {
        let mut calls = Vec::new();
        for manifest in manifests {
            calls.push(self.tried(manifest));
        }
        together(calls).await
    }

    async fn tried(&self, manifest: &Manifest) -> Result<Placing, Error> {
        self.inside(manifest).await?;
        let placing = Placing::new(&self.cluster, &self.owner(), manifest, ASKS).await?;
        let labels = placing.before().map(|before| &before["metadata"]["labels"]);
        if labels.is_some_and(|labels| labels[BUILD] != self.build) {
            return Err(Error::Foreign {
                object: manifest.id(),
                build: self.build.clone(),
            });
        }
        placing.apply().await?;
        Ok(placing.in_earnest())
    }

    /// Runs the jobs among `manifests`, of which none is there, and waits for them. What comes with them is placed before, but for
    /// what is as it was `placed` just now.
    pub async fn run(
        &self,
        manifests: &[Manifest],
        placed: &[Manifest],
        patience: Patience,
        tell: Tell<'_>,
    ) -> Result<(), Error> {
        let (jobs, mut rest): (Vec<_>, Vec<_>) = manifests
            .iter()
            .cloned()
            .partition(|one| one.kind().kind == "Job");
        rest.retain(|one| !placed.contains(one));
        self.place(&rest).await?;
        for job in &jobs {
            self.inside(job).await?;
            job::run(
                &self.cluster,
                &self.owner(),
                job,
                Force::Fields,
                patience,
                tell,
            )
            .await?;
        }
        Ok(())
    }

    /// Waits for the jobs of a kind that somebody has begun; false: there are none.
    pub async fn resume(
        &self,
        kind: Mode,
        patience: Patience,
        tell: Tell<'_>,
    ) -> Result<bool, Error> {
        let api = self.cluster.api::<Job>();
        let chosen = ListParams::default().labels(&self.pods(Some(kind)));
        let asked = async || api.list(&chosen).await;
        let jobs = self
            .cluster
            .calls()
            .call("list jobs of a build", asked)
            .await?;
        let ids: Vec<Id> = jobs
            .iter()
            .map(|job| Id {
                kind: "Job".to_owned(),
                name: job.name_any(),
            })
            .collect();
        wait(&self.cluster, &ids, patience, tell).await?;
        Ok(!ids.is_empty())
    }

    /// Waits until its Deployment is ready.
    pub async fn ready(
        &self,
        deployment: &str,
        patience: Patience,
        tell: Tell<'_>,
    ) -> Result<(), Error> {
        let id = Id {
            kind: "Deployment".to_owned(),
            name: deployment.to_owned(),
        };
        Ok(wait(&self.cluster, &[id], patience, tell).await?)
    }

    /// An object that is not of the build's namespace would be everybody's.
    async fn inside(&self, manifest: &Manifest) -> Result<(), Error> {
        let own = self.cluster.namespace();
        let is_here = manifest
            .namespace()
            .is_none_or(|namespace| namespace == own);
        if is_here && self.cluster.is_namespaced(manifest).await? {
            return Ok(());
        }
        Err(Error::Outside {
            object: manifest.id(),
            namespace: own.to_owned(),
        })
    }
}

/// Several calls at once; all of them are over when this returns.
pub(super) async fn together<T, E>(
    calls: Vec<impl Future<Output = Result<T, E>>>,
) -> Result<Vec<T>, E> {
    let done: Vec<Result<T, E>> = iter(calls).buffered(AT_ONCE).collect().await;
    done.into_iter().collect()
}
