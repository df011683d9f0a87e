//! Which pods are a process's. Pure, but for the lists.

use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::{BoxStream, iter, once, unfold};
use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt as _;
use kube::api::ListParams;
use kube::runtime::watcher::Event;
use tokio::time::sleep;

use super::error::Error;
use crate::connect::Cluster;
use crate::owner::Owner;
use crate::refusal::{Refusal, Said};
use crate::watch::{Change, Herald, Roll};

/// The label that says which project pods are of.
const PROJECT: &str = "app.kubernetes.io/name";

/// Pods that are looked for.
#[derive(Clone, Debug)]
pub enum Whose {
    /// Those of a role or job of a project.
    Process(Owner, String),
    /// Those that a selector chooses, whatever they are.
    Chosen(String),
}

/// The label that says which role or job they are of.
pub const PROCESS: &str = "app.kubernetes.io/component";

/// What chooses the pods of a project.
pub fn selector(owner: &Owner) -> String {
    format!("{PROJECT}={}", owner.project())
}

/// All pods that `selector` chooses.
pub async fn list(cluster: &Cluster, selector: &str) -> Result<Vec<Pod>, Refusal> {
    let pods = cluster.api::<Pod>();
    let chosen = ListParams::default().labels(selector);
    let asked = cluster
        .calls()
        .call("list pods", async || pods.list(&chosen).await);
    Ok(asked.await?.items)
}

/// How soon after they were different one looks.
const SOON: Duration = Duration::from_millis(250);
/// Until one looks again, if that was not answered.
const AGAIN: Duration = Duration::from_secs(5);

/// All pods that `selector` chooses, now and whenever the herald says that they may be different.
pub fn whenever(
    cluster: &Cluster,
    selector: &str,
    herald: &dyn Herald,
) -> BoxStream<'static, Result<Event<Pod>, Said>> {
    let all = Change {
        is_anything: true,
        ..Change::default()
    };
    let changes = once(async { all }).chain(herald.changes());
    let heard = changes.filter(|change| {
        let is_of_pods = change.is_anything || !change.pods.is_empty();
        async move { is_of_pods }
    });
    let looks = Looks {
        cluster: cluster.clone(),
        pods: Roll::new(Some(selector.to_owned())),
        heard: heard.boxed(),
    };
    let each = |pods: Vec<Pod>| iter(pods).map(|pod| Ok(Event::InitApply(pod)));
    let looked = unfold(looks, |mut looks| async {
        let looked = looks.next().await?;
        Some((looked, looks))
    });
    let pods = looked.flat_map(move |looked| match looked {
        Ok(pods) => each(pods).boxed(),
        Err(refusal) => once(async { Err(refusal.source) }).boxed(),
    });
    pods.boxed()
}

struct Looks {
    cluster: Cluster,
    pods: Roll<Pod>,
    heard: BoxStream<'static, Change>,
}

impl Looks {
    async fn next(&mut self) -> Option<Result<Vec<Pod>, Refusal>> {
        let change = self.heard.next().await?;
        self.pods.hear(&change);
        // What comes comes in several steps, and prints on meanwhile.
        sleep(SOON).await;
        loop {
            match self.pods.now(&self.cluster).await {
                Err(refusal) if refusal.source.passes() => sleep(AGAIN).await,
                other => return Some(other),
            }
        }
    }
}

/// The pod of `wanted` to turn to now, as [`running`] chooses.
pub async fn newest(cluster: &Cluster, whose: &Whose) -> Result<Pod, Error> {
    match whose {
        Whose::Process(owner, wanted) => {
            let all = list(cluster, &selector(owner)).await?;
            running(all, wanted, cluster.namespace())
        }
        Whose::Chosen(selector) => {
            let all = list(cluster, selector).await?;
            best(&all, selector, cluster.namespace())
        }
    }
}

/// The role or job that a pod is of; of one without the label its name.
pub fn process(pod: &Pod) -> String {
    let label = pod.labels().get(PROCESS).cloned();
    label.unwrap_or_else(|| pod.name_any())
}

/// Of which processes there are pods, by name.
pub fn processes(pods: &[Pod]) -> Vec<String> {
    let mut names: Vec<String> = pods.iter().map(process).collect();
    names.sort();
    names.dedup();
    names
}

/// The pods of `wanted`, of all where none is named. One of which there is no pod is an error.
pub fn of(pods: Vec<Pod>, wanted: &[String], namespace: &str) -> Result<Vec<Pod>, Error> {
    let known = processes(&pods);
    if let Some(missing) = wanted.iter().find(|name| !known.contains(name)) {
        return Err(Error::NoPod {
            process: missing.clone(),
            namespace: namespace.to_owned(),
            known,
        });
    }
    let is_wanted = |pod: &Pod| wanted.is_empty() || wanted.contains(&process(pod));
    Ok(pods.into_iter().filter(is_wanted).collect())
}

/// The pod of `wanted` to start a program in: one that runs, rather one that is ready, rather a new one.
pub fn running(pods: Vec<Pod>, wanted: &str, namespace: &str) -> Result<Pod, Error> {
    let pods = of(pods, &[wanted.to_owned()], namespace)?;
    best(&pods, wanted, namespace)
}

/// The best of those that `wanted` names.
fn best(pods: &[Pod], wanted: &str, namespace: &str) -> Result<Pod, Error> {
    let phase = |pod: &Pod| {
        let phase = pod.status.as_ref().and_then(|status| status.phase.clone());
        phase.unwrap_or_else(|| "Pending".to_owned())
    };
    let runs = |pod: &&Pod| phase(pod) == "Running" && pod.metadata.deletion_timestamp.is_none();
    let best = pods
        .iter()
        .filter(runs)
        .max_by_key(|pod| (is_ready(pod), pod.creation_timestamp()));
    best.cloned().ok_or_else(|| {
        let each = |pod: &Pod| {
            let state = match pod.metadata.deletion_timestamp {
                Some(_) => "Terminating".to_owned(),
                None => phase(pod),
            };
            format!("{} is {state}", pod.name_any())
        };
        Error::NoneRuns {
            process: wanted.to_owned(),
            namespace: namespace.to_owned(),
            found: pods.iter().map(each).collect::<Vec<_>>().join(", "),
        }
    })
}

fn is_ready(pod: &Pod) -> bool {
    let status = pod.status.iter();
    let mut conditions = status.flat_map(|status| status.conditions.iter().flatten());
    conditions.any(|condition| condition.type_ == "Ready" && condition.status == "True")
}

/// The container of the process itself: the one that is called so, else the first.
pub fn container(pod: &Pod) -> Option<String> {
    let containers = &pod.spec.as_ref()?.containers;
    let process = process(pod);
    let named = containers.iter().find(|one| one.name == process);
    named.or(containers.first()).map(|one| one.name.clone())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pod(name: &str, process: &str, phase: &str, ready: bool, second: u32) -> Pod {
        let ready = if ready { "True" } else { "False" };
        serde_json::from_value(json!({
            "metadata": {
                "name": name, "labels": {PROCESS: process},
                "creationTimestamp": format!("2026-01-01T00:00:{second:02}Z"),
            },
            "spec": {"containers": [{"name": "proxy"}, {"name": "web"}]},
            "status": {"phase": phase, "conditions": [{"type": "Ready", "status": ready}]},
        }))
        .unwrap()
    }

    #[test]
    fn a_program_is_started_in_the_newest_that_is_ready() {
        let mut leaving = pod("e", "web", "Running", true, 9);
        leaving.metadata.deletion_timestamp = leaving.metadata.creation_timestamp.clone();
        let pods = vec![
            pod("a", "web", "Running", true, 1),
            pod("b", "web", "Running", true, 2),
            pod("c", "web", "Running", false, 3),
            pod("d", "worker", "Running", true, 4),
            leaving.clone(),
        ];
        let found = running(pods.clone(), "web", "here").unwrap();
        assert_eq!(found.name_any(), "b");
        assert_eq!(container(&found).unwrap(), "web");
        assert_eq!(container(&pods[3]).unwrap(), "proxy");
        let unready = running(vec![pods[2].clone()], "web", "here").unwrap();
        assert_eq!(unready.name_any(), "c");
        let error = running(pods, "beat", "here").unwrap_err();
        assert_eq!(error.to_string(), "there is no pod of beat in here");
        let error = running(
            vec![pod("f", "web", "Succeeded", false, 1), leaving],
            "web",
            "here",
        );
        assert_eq!(
            error.unwrap_err().to_string(),
            "no pod of web runs in here: f is Succeeded, e is Terminating"
        );
    }
}
