//! Ending what runs of a build, and taking all of it away.

use std::fmt::{self, Display, Formatter};
use std::time::{Duration, Instant};

use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt as _;
use kube::api::{Api, DeleteParams, DynamicObject, ListParams};
use serde_json::json;

use super::error::Error;
use super::installed::Installed;
use crate::apply::absent;
use crate::kubefiles::{BUILD, FINALIZER, JOB_KIND, Mode};
use crate::manifest::Manifest;
use crate::pod::has_ended;
use crate::refusal::Refusal;
use crate::watch::Pace;

/// How long it may take to end: pods have their grace.
const GRACE: Duration = Duration::from_secs(300);

/// What runboat takes away of a build; what else its kubefiles bring is taken away besides.
const KINDS: [(&str, &str); 7] = [
    ("apps/v1", "Deployment"),
    ("v1", "Service"),
    ("networking.k8s.io/v1", "Ingress"),
    ("v1", "ConfigMap"),
    ("v1", "Secret"),
    ("v1", "PersistentVolumeClaim"),
    ("batch/v1", "Job"),
];

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

    /// Takes away all that has its label: what runboat takes away, and what is of the kinds of `manifests`. Returns when it is gone.
    pub async fn clear(&self, manifests: &[Manifest]) -> Result<(), Error> {
        let kind = |(version, kind)| json!({"apiVersion": version, "kind": kind, "metadata": {"name": "any"}});
        let known = KINDS
            .into_iter()
            .filter_map(|one| Manifest::of(kind(one)).ok());
        let mut apis: Vec<OfKind> = Vec::new();
        for one in known.chain(manifests.iter().cloned()) {
            let kind = one.kind().kind;
            if apis.iter().all(|known| known.kind != kind) {
                let api = self.cluster.api_of(&one).await?;
                apis.push(OfKind { kind, api });
            }
        }
        let (begin, mut pace) = (Instant::now(), Pace::of(&self.cluster));
        loop {
            let mut left = Vec::new();
            for of_kind in &apis {
                left.extend(self.take_away(of_kind).await?);
            }
            if left.is_empty() {
                return Ok(());
            }
            // By its name, until it is gone: for each list the API server goes through all builds.
            while !self.is_gone(&left, begin)? {
                pace.next().await;
                left = self.still_there(left).await?;
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

    /// Has all that is there of a kind removed.
    async fn take_away<'k>(&self, of_kind: &'k OfKind) -> Result<Vec<Left<'k>>, Refusal> {
        let chosen = ListParams::default().labels(&self.selector());
        let asked = async || of_kind.api.list(&chosen).await;
        let doing = format!("list {}s of a build", of_kind.kind);
        let mut left = Vec::new();
        for one in &self.cluster.calls().call(doing, asked).await? {
            let name = one.name_any();
            self.remove(of_kind, one).await?;
            left.push(Left { of_kind, name });
        }
        Ok(left)
    }

    /// What is there of that.
    async fn still_there<'k>(&self, before: Vec<Left<'k>>) -> Result<Vec<Left<'k>>, Refusal> {
        let mut left = Vec::new();
        for one in before {
            let asked = async || one.of_kind.api.get_opt(&one.name).await;
            let doing = format!("read {one}");
            let there = self.cluster.calls().call(doing, asked).await?;
            let is_ours = |there: &DynamicObject| there.labels().get(BUILD) == Some(&self.build);
            let Some(there) = there.filter(is_ours) else {
                continue;
            };
            self.remove(one.of_kind, &there).await?;
            left.push(one);
        }
        Ok(left)
    }

    /// Removes it, or takes away what we hold it by.
    async fn remove(&self, of_kind: &OfKind, one: &DynamicObject) -> Result<(), Refusal> {
        let (calls, api, name) = (self.cluster.calls(), &of_kind.api, one.name_any());
        if one.metadata.deletion_timestamp.is_none() {
            let asked = async || absent(api.delete(&name, &DeleteParams::background()).await);
            let doing = format!("remove {}/{name}", of_kind.kind);
            return calls.call(doing, asked).await.map(drop);
        }
        if one.finalizers().iter().any(|held| held == FINALIZER) {
            let held = one.finalizers().iter();
            let rest: Vec<&String> = held.filter(|held| *held != FINALIZER).collect();
            self.patch(&json!({"metadata": {"finalizers": rest}}))
                .await?;
        }
        Ok(())
    }
}

/// All of a kind that there is in the namespace.
struct OfKind {
    kind: String,
    api: Api<DynamicObject>,
}

/// What is still there.
struct Left<'k> {
    of_kind: &'k OfKind,
    name: String,
}

impl Display for Left<'_> {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        write!(to, "{}/{}", self.of_kind.kind, self.name)
    }
}
