//! Ending what runs of a build, and taking all of it away.

use std::fmt::{self, Display, Formatter};
use std::ptr;
use std::time::{Duration, Instant};

use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::ResourceExt as _;
use kube::api::{DeleteParams, DynamicObject, ListParams, Patch};
use serde_json::json;

use super::error::Error;
use super::installed::{Installed, as_keeper};
use super::kind::{OfKind, is_unknown};
use super::place::together;
use crate::apply::absent;
use crate::kubefiles::{BUILD, FINALIZER, JOB_KIND, Mode};
use crate::manifest::Manifest;
use crate::pod::has_ended;
use crate::refusal::Refusal;
use crate::watch::Pace;

/// How long it may take to end: pods have their grace.
const GRACE: Duration = Duration::from_secs(300);

impl Installed {
    /// Ends its jobs of these kinds at once, and returns when they are gone.
    pub async fn kill(&self, kinds: &[Mode]) -> Result<(), Error> {
        let (begin, mut pace) = (Instant::now(), Pace::of(&self.cluster));
        loop {
            let left = self.end_jobs(kinds).await?;
            if self.is_gone(&left, begin)? {
                return Ok(());
            }
            pace.next().await;
        }
    }

    /// Returns when none of its pods that are of no job runs.
    pub async fn rests(&self) -> Result<(), Error> {
        let (begin, mut pace) = (Instant::now(), Pace::of(&self.cluster));
        loop {
            let left = self.running().await?;
            if self.is_gone(&left, begin)? {
                return Ok(());
            }
            pace.next().await;
        }
    }

    /// Takes away all that has its label: what runboat takes away, what is of the kinds of `manifests`, and what is of kinds that
    /// kubefiles often bring. Returns when it is gone.
    pub async fn clear(&self, manifests: &[Manifest]) -> Result<(), Error> {
        let kinds = self.kinds(manifests).await?;
        let mut asked: Vec<&OfKind> = kinds.iter().collect();
        let (begin, mut pace) = (Instant::now(), Pace::of(&self.cluster));
        loop {
            let mut left = self.listed(&asked).await?;
            if left.is_empty() {
                return Ok(());
            }
            // What nobody brings any more, and there was nothing of, does not come while it is taken away.
            asked.retain(|of_kind| {
                of_kind.is_expected || left.iter().any(|one| ptr::eq(one.of_kind, *of_kind))
            });
            // By its name, until it is gone: for each list the API server goes through all builds.
            while !self.is_gone(&left, begin)? {
                self.remove_all(&left).await?;
                pace.next().await;
                left = self.still_there(&left).await?;
            }
        }
    }

    /// Whether nothing is left; what is still left after all that time is an error.
    fn is_gone(&self, left: &[impl ToString], begin: Instant) -> Result<bool, Error> {
        if begin.elapsed() > GRACE && !left.is_empty() {
            return Err(Error::Stays {
                left: left.iter().map(ToString::to_string).collect(),
                build: self.build.clone(),
                waited: begin.elapsed(),
            });
        }
        Ok(left.is_empty())
    }

    async fn end_jobs(&self, kinds: &[Mode]) -> Result<Vec<String>, Refusal> {
        let (jobs, pods) = (self.cluster.api::<Job>(), self.cluster.api::<Pod>());
        let names: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
        let selector = format!("{},{JOB_KIND} in ({})", self.selector(), names.join(","));
        let (calls, chosen) = (
            self.cluster.calls(),
            ListParams::default().labels(&selector),
        );
        let now = DeleteParams::background().grace_period(0);
        let asked = async || jobs.list(&chosen).await;
        let left = calls.call("list jobs of a build", asked).await?;
        if !left.items.is_empty() {
            let asked = async || jobs.delete_collection(&now, &chosen).await;
            calls.call("end jobs of a build", asked).await?;
            let asked = async || pods.delete_collection(&now, &chosen).await;
            calls.call("end pods of a job", asked).await?;
        }
        Ok(left
            .iter()
            .map(|job| format!("Job/{}", job.name_any()))
            .collect())
    }

    async fn running(&self) -> Result<Vec<String>, Refusal> {
        let pods = self.cluster.api::<Pod>();
        let chosen = ListParams::default().labels(&self.pods(None));
        let asked = async || pods.list(&chosen).await;
        let all = self
            .cluster
            .calls()
            .call("list pods of a build", asked)
            .await?;
        Ok(all
            .iter()
            .filter(|pod| !has_ended(pod))
            .map(|pod| format!("Pod/{}", pod.name_any()))
            .collect())
    }

    /// All that is there of these kinds.
    async fn listed<'k>(&self, kinds: &[&'k OfKind]) -> Result<Vec<Left<'k>>, Refusal> {
        let mut calls = Vec::new();
        for &of_kind in kinds {
            calls.push(self.all_of(of_kind));
        }
        Ok(together(calls).await?.into_iter().flatten().collect())
    }

    async fn all_of<'k>(&self, of_kind: &'k OfKind) -> Result<Vec<Left<'k>>, Refusal> {
        let chosen = ListParams::default().labels(&self.selector());
        let asked = async || of_kind.api.list(&chosen).await;
        let doing = format!("list {}s of a build", of_kind.kind());
        let listed = match self.cluster.calls().call(doing, asked).await {
            // Who may not even see this kind has brought nothing of it.
            Err(refusal) if !of_kind.is_expected && refusal.code() == Some(403) => {
                return Ok(Vec::new());
            }
            Err(refusal) if is_unknown(&refusal) => return Ok(Vec::new()),
            other => other?,
        };
        let left = |one: DynamicObject| Left {
            of_kind,
            about: one.metadata,
        };
        Ok(listed.items.into_iter().map(left).collect())
    }

    /// What is there of that, as it is now.
    async fn still_there<'k>(&self, before: &[Left<'k>]) -> Result<Vec<Left<'k>>, Refusal> {
        let mut calls = Vec::new();
        for one in before {
            calls.push(self.now(one));
        }
        Ok(together(calls).await?.into_iter().flatten().collect())
    }

    async fn now<'k>(&self, before: &Left<'k>) -> Result<Option<Left<'k>>, Refusal> {
        let (of_kind, name) = (before.of_kind, before.name());
        let asked = async || of_kind.api.get_opt(&name).await;
        let doing = format!("read {before}");
        let there = self.cluster.calls().call(doing, asked).await?;
        let ours = there.filter(|there| there.labels().get(BUILD) == Some(&self.build));
        Ok(ours.map(|there| Left {
            of_kind,
            about: there.metadata,
        }))
    }

    /// Has all of it removed; its Deployment once all the rest goes, as by that it is found again if this is given up.
    async fn remove_all(&self, left: &[Left<'_>]) -> Result<(), Refusal> {
        let (last, first): (Vec<&Left<'_>>, Vec<&Left<'_>>) =
            left.iter().partition(|one| one.of_kind.is_deployment());
        if self.removed(&first).await? {
            self.removed(&last).await?;
        }
        Ok(())
    }

    /// Whether all of it goes by itself from now on.
    async fn removed(&self, some: &[&Left<'_>]) -> Result<bool, Refusal> {
        let mut calls = Vec::new();
        for one in some {
            calls.push(self.remove(one));
        }
        Ok(together(calls).await?.into_iter().all(|goes| goes))
    }

    /// Removes it, or takes away what we hold it by. Whether it goes by itself from now on.
    async fn remove(&self, one: &Left<'_>) -> Result<bool, Refusal> {
        let (calls, api, name) = (self.cluster.calls(), &one.of_kind.api, one.name());
        if one.about.deletion_timestamp.is_none() {
            let asked = async || absent(api.delete(&name, &DeleteParams::background()).await);
            calls.call(format!("remove {one}"), asked).await?;
            return Ok(!one.is_held());
        }
        if !one.is_held() {
            return Ok(true);
        }
        let held = one.about.finalizers.iter().flatten();
        let rest: Vec<&String> = held.filter(|held| *held != FINALIZER).collect();
        let version = &one.about.resource_version;
        let patch =
            Patch::Merge(json!({"metadata": {"finalizers": rest, "resourceVersion": version}}));
        let params = as_keeper();
        let asked = async || match absent(api.patch(&name, &params, &patch).await) {
            // Somebody has written on it since it was read: it is looked at again.
            Err(kube::Error::Api(status)) if status.is_conflict() => Ok(false),
            other => other.map(|()| true),
        };
        calls.call(format!("let {one} go"), asked).await
    }
}

/// What is still there.
struct Left<'k> {
    of_kind: &'k OfKind,
    about: ObjectMeta,
}

impl Left<'_> {
    fn name(&self) -> String {
        self.about.name.clone().unwrap_or_default()
    }

    /// Whether it stays until we let it go.
    fn is_held(&self) -> bool {
        let mut held = self.about.finalizers.iter().flatten();
        held.any(|held| held == FINALIZER)
    }
}

impl Display for Left<'_> {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        write!(to, "{}/{}", self.of_kind.kind(), self.name())
    }
}
