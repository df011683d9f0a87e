//! Putting what kubefiles bring where it belongs.

use k8s_openapi::api::batch::v1::Job;
use kube::ResourceExt as _;
use kube::api::ListParams;

use super::error::Error;
use super::installed::Installed;
use crate::apply::{Force, Manner, apply};
use crate::job;
use crate::kubefiles::{BUILD, Mode};
use crate::manifest::{Id, Manifest};
use crate::wait::{Patience, Tell, wait};

const IN_EARNEST: Manner = Manner {
    dry_run: false,
    force: Force::Fields,
};

impl Installed {
    /// Applies them all, once a dry run has shown that each can be, and that none of them is somebody else's by now.
    pub async fn place(&self, manifests: &[Manifest]) -> Result<(), Error> {
        let (owner, dry_run) = (self.owner(), true);
        for manifest in manifests {
            self.inside(manifest).await?;
            let manner = Manner {
                dry_run,
                ..IN_EARNEST
            };
            let tried = apply(&self.cluster, &owner, manifest, manner).await?;
            let labels = tried
                .before
                .as_ref()
                .map(|before| &before["metadata"]["labels"]);
            if labels.is_some_and(|labels| labels[BUILD] != self.build) {
                return Err(Error::Foreign {
                    object: manifest.id(),
                    build: self.build.clone(),
                });
            }
        }
        for manifest in manifests {
            apply(&self.cluster, &owner, manifest, IN_EARNEST).await?;
        }
        Ok(())
    }

    /// Runs the jobs of a kind among `manifests` anew and waits for them; what comes with them is placed before.
    pub async fn run(
        &self,
        kind: Mode,
        manifests: &[Manifest],
        patience: Patience,
        tell: Tell<'_>,
    ) -> Result<(), Error> {
        let is_job = |one: &&Manifest| one.kind().kind == "Job";
        let rest: Vec<Manifest> = manifests
            .iter()
            .filter(|one| !is_job(one))
            .cloned()
            .collect();
        self.place(&rest).await?;
        self.kill(kind).await?;
        for job in manifests.iter().filter(is_job) {
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
