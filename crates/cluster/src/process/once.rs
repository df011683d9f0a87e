//! A job of what is deployed, once more.

use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt as _;
use kube::api::{DeleteParams, PostParams};
use serde_json::{Value, json};

use super::error::Error;
use super::follow::Follow;
use super::line::Line;
use super::pods::{self, PROCESS};
use crate::apply::absent;
use crate::connect::Cluster;
use crate::deploy::Stop;
use crate::manifest::{Id, Manifest, Moment};
use crate::owner::Owner;
use crate::record;
use crate::refusal::Refusal;
use crate::trouble::Kind;
use crate::wait::{self, Patience, wait};

/// The field of a job that says how long it may take.
const DEADLINE: &str = "activeDeadlineSeconds";
/// The label that the pods of a job carry.
const JOB: &str = "batch.kubernetes.io/job-name";

/// Runs the job `name` of what is deployed, tells its lines, removes it, and answers its exit code.
pub async fn once(
    cluster: &Cluster,
    owner: &Owner,
    name: &str,
    patience: Patience,
    stop: &Stop,
    tell: &mut (dyn FnMut(&Line) + Send),
) -> Result<u8, Error> {
    cluster.reach().await?;
    let namespace = || cluster.namespace().to_owned();
    let deployed = record::read(cluster, owner).await?;
    let deployed = deployed.ok_or_else(|| Error::NotDeployed {
        project: owner.project().to_owned(),
        namespace: namespace(),
    })?;
    let job = find(&deployed, name, patience.timeout).ok_or_else(|| Error::NoJob {
        job: name.to_owned(),
        project: owner.project().to_owned(),
        namespace: namespace(),
        known: deployed.iter().filter_map(job_of).collect(),
    })?;
    let jobs = cluster.api::<Job>();
    // Not tried again: two of them could run.
    let params = PostParams::default();
    let created = jobs.create(&params, &job);
    let created = cluster
        .calls()
        .once(format!("start {name}"), created)
        .await?;
    let id = Id {
        kind: "Job".to_owned(),
        name: created.name_any(),
    };
    let ended = {
        let told = pin!(attend(cluster, &id, patience, tell));
        match select(told, pin!(stop.asked())).await {
            Either::Left((ended, _)) => ended,
            Either::Right(_) => Err(wait::Error::Stopped.into()),
        }
    };
    let code = match &ended {
        Ok(_) => code(cluster, &id.name).await,
        Err(_) => Ok(None),
    };
    let removed = cluster.calls().call(format!("remove {id}"), async || {
        absent(jobs.delete(&id.name, &DeleteParams::background()).await)
    });
    let removed = removed.await;
    let is_well = ended?;
    let code = code?.unwrap_or(u8::from(!is_well));
    removed?;
    Ok(code)
}

/// The jobs of what is deployed that are to be run before all of it is removed, in their order.
pub async fn last(cluster: &Cluster, owner: &Owner) -> Result<Vec<String>, Refusal> {
    let deployed = record::read(cluster, owner).await?;
    Ok(lasts(deployed.unwrap_or_default()))
}

fn lasts(mut deployed: Vec<Manifest>) -> Vec<String> {
    deployed.retain(|manifest| manifest.moment() == Some(Moment::Last));
    deployed.sort_by_key(Manifest::order);
    deployed.iter().filter_map(job_of).collect()
}

/// Tells what the job prints until it ends; whether it ended well.
async fn attend(
    cluster: &Cluster,
    id: &Id,
    patience: Patience,
    tell: &mut (dyn FnMut(&Line) + Send),
) -> Result<bool, Error> {
    let ids = [id.clone()];
    let waiting = pin!(wait(cluster, &ids, patience, &|_, _| {}));
    let follow = Follow::new(cluster, &format!("{JOB}={}", id.name), &[], None);
    match follow.until(waiting, tell).await? {
        Ok(()) => Ok(true),
        Err(error) if is_failed(&error) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Whether it has run, and failed.
fn is_failed(error: &wait::Error) -> bool {
    let wait::Error::Unready { unready, .. } = error else {
        return false;
    };
    let mut troubles = unready.iter().filter_map(|one| one.trouble.as_ref());
    troubles.any(|trouble| trouble.kind == Kind::JobFailed)
}

/// How its last pod ended, if that can be seen.
async fn code(cluster: &Cluster, job: &str) -> Result<Option<u8>, Refusal> {
    let pods = pods::list(cluster, &format!("{JOB}={job}")).await?;
    let last = pods.iter().max_by_key(|pod| pod.creation_timestamp());
    Ok(last.and_then(exit_code))
}

fn exit_code(pod: &Pod) -> Option<u8> {
    let containers = pod.status.as_ref()?.container_statuses.as_ref()?;
    let ended = containers
        .iter()
        .filter_map(|container| container.state.as_ref()?.terminated.as_ref());
    let codes = ended.map(|ended| u8::try_from(ended.exit_code).unwrap_or(u8::MAX));
    codes.max()
}

/// The job that a manifest is, or that it would make.
fn job_of(manifest: &Manifest) -> Option<String> {
    let kind = manifest.kind().kind;
    if kind != "Job" && kind != "CronJob" {
        return None;
    }
    let labels = manifest.value().pointer("/metadata/labels");
    let label = labels.and_then(|labels| labels.get(PROCESS)?.as_str());
    Some(label.unwrap_or(manifest.name()).to_owned())
}

/// Another job like the one that is called `name`, with a name that the cluster completes. It ends after `longest`, also if nobody
/// waits for it any more.
fn find(deployed: &[Manifest], name: &str, longest: Duration) -> Option<Job> {
    let named = |manifest: &&Manifest| job_of(manifest).is_some_and(|job| job == name);
    let manifest = deployed.iter().find(named)?;
    let value = manifest.value();
    let spec = value
        .pointer("/spec/jobTemplate/spec")
        .or_else(|| value.get("spec"))?;
    let mut spec = spec.clone();
    // Should we be killed before we remove it.
    spec["ttlSecondsAfterFinished"] = json!(3600);
    let longest = longest.as_secs().max(1);
    let own = spec.get(DEADLINE).and_then(Value::as_u64);
    spec[DEADLINE] = json!(own.unwrap_or(longest).min(longest));
    let labels = value.pointer("/metadata/labels").cloned();
    let job: Value = json!({
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"generateName": format!("{name}-run-"), "labels": labels},
        "spec": spec,
    });
    serde_json::from_value(job).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_found_by_its_label_or_name_and_in_what_makes_jobs() {
        let text = "
{apiVersion: apps/v1, kind: Deployment, metadata: {name: seed}}
---
{apiVersion: batch/v1, kind: Job, metadata: {name: shop-migrate-1, labels: {app.kubernetes.io/component: migrate}}, spec: {template: {spec: {containers: []}}}}
---
{apiVersion: batch/v1, kind: CronJob, metadata: {name: seed}, spec: {suspend: true, schedule: '@daily', jobTemplate: {spec: {backoffLimit: 2, template: {}}}}}
";
        let deployed = Manifest::read(text, "the test").unwrap();
        let known: Vec<String> = deployed.iter().filter_map(job_of).collect();
        assert_eq!(known, ["migrate", "seed"]);
        let find = |name: &str| find(&deployed, name, Duration::from_secs(90));
        let migrate = find("migrate").unwrap();
        assert_eq!(migrate.metadata.generate_name.unwrap(), "migrate-run-");
        assert_eq!(migrate.metadata.labels.unwrap()[PROCESS], "migrate");
        let seed = find("seed").unwrap().spec.unwrap();
        assert_eq!(seed.backoff_limit, Some(2));
        assert_eq!(seed.ttl_seconds_after_finished, Some(3600));
        assert_eq!(seed.active_deadline_seconds, Some(90));
        assert_eq!(find("shop-migrate-1"), None);
    }

    #[test]
    fn what_is_run_last_is_in_its_order_and_ends_when_it_says() {
        let text = "
{apiVersion: batch/v1, kind: CronJob, metadata: {name: b, annotations: {boatyard.dev/when: before-removal, boatyard.dev/order: '1'}}, spec: {jobTemplate: {spec: {activeDeadlineSeconds: 5}}}}
---
{apiVersion: batch/v1, kind: CronJob, metadata: {name: by-hand}, spec: {jobTemplate: {spec: {}}}}
---
{apiVersion: batch/v1, kind: CronJob, metadata: {name: a, annotations: {boatyard.dev/when: before-removal, boatyard.dev/order: '0'}}, spec: {jobTemplate: {spec: {}}}}
---
{apiVersion: batch/v1, kind: Job, metadata: {name: c, annotations: {boatyard.dev/when: before-removal}}, spec: {template: {}}}
";
        let deployed = Manifest::read(text, "the test").unwrap();
        assert_eq!(lasts(deployed.clone()), ["a", "b"]);
        let deadline = |longest| {
            let job = find(&deployed, "b", Duration::from_secs(longest)).unwrap();
            job.spec.unwrap().active_deadline_seconds
        };
        assert_eq!([deadline(3), deadline(90)], [Some(3), Some(5)]);
    }
}
