//! The node: it joins the cluster, and follows the pods that are bound to it.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::pin::pin;
use std::time::Duration;

use futures_util::StreamExt as _;
use k8s_openapi::api::core::v1::{Event, Node, Pod};
use kube::api::{Api, DeleteParams, Patch, PatchParams, PostParams};
use kube::runtime::WatchStreamExt as _;
use kube::runtime::watcher::{self, Event as Change};
use kube::{Client, ResourceExt as _};
use serde_json::json;

use super::log::Logs;
use super::script::{Behaviour, Scripts};
use super::volume::Volumes;
use super::{provision, status};

/// Its name.
const NAME: &str = "kubetest";
/// How soon what was put off is looked at again.
const AGAIN: Duration = Duration::from_millis(200);

/// The node.
pub struct Kubelet {
    client: Client,
    scripts: Scripts,
    logs: Logs,
    volumes: Volumes,
}

impl Kubelet {
    /// A node that follows `scripts`, and has its volumes there.
    pub fn new(client: Client, scripts: Scripts, volumes: Volumes) -> Self {
        let logs = Logs::default();
        Self {
            client,
            scripts,
            logs,
            volumes,
        }
    }

    /// Joins the cluster and follows its pods as long as the runtime lives. `kubelet.crt` and `kubelet.key` are in `folder`.
    pub async fn join(self, folder: &Path) -> io::Result<()> {
        let port = self.logs.serve(folder, &self.volumes).await?;
        self.register(port).await.map_err(io::Error::other)?;
        tokio::spawn(provision::follow(self.client.clone(), self.volumes.clone()));
        tokio::spawn(self.follow());
        Ok(())
    }

    async fn register(&self, port: u16) -> kube::Result<()> {
        let nodes = Api::<Node>::all(self.client.clone());
        let mut node = Node::default();
        node.metadata.name = Some(NAME.to_owned());
        nodes.create(&PostParams::default(), &node).await?;
        let room = json!({"cpu": "1000", "memory": "4000Gi", "pods": "10000", "ephemeral-storage": "4000Gi"});
        let status = json!({"status": {
            "capacity": room, "allocatable": room,
            "conditions": [{"type": "Ready", "status": "True", "reason": "Scripted"}],
            "addresses": [{"type": "InternalIP", "address": "127.0.0.1"}],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": port}},
            // The API server passes on what it is asked for programs as it is, instead of an older protocol.
            "declaredFeatures": ["ExtendWebSocketsToKubelet"],
        }});
        let merge = PatchParams::default();
        nodes
            .patch_status(NAME, &merge, &Patch::Merge(&status))
            .await?;
        // A new node is tainted as not ready; the controller that would take it off does not run here.
        let untainted = json!({"spec": {"taints": null}});
        nodes.patch(NAME, &merge, &Patch::Merge(&untainted)).await?;
        Ok(())
    }

    async fn follow(self) {
        let pods = Api::<Pod>::all(self.client.clone());
        let mine = watcher::Config::default().fields(&format!("spec.nodeName={NAME}"));
        let mut changes = pin!(watcher::watcher(pods, mine).default_backoff());
        let mut waiting: BTreeMap<String, Pod> = BTreeMap::new();
        loop {
            // Pods whose script says to wait are looked at again: it may say something else by now.
            let seen: Vec<Pod> = match tokio::time::timeout(AGAIN, changes.next()).await {
                Ok(Some(Ok(Change::Apply(pod) | Change::InitApply(pod)))) => vec![pod],
                Ok(Some(Ok(Change::Delete(pod)))) => {
                    waiting.remove(&pod.uid().unwrap_or_default());
                    continue;
                }
                Ok(Some(_)) => continue,
                Ok(None) => return,
                Err(_) => waiting.values().cloned().collect(),
            };
            for pod in seen {
                let key = pod.uid().unwrap_or_default();
                waiting.remove(&key);
                let waits = self.scripts.behaviour(&pod) == Behaviour::Waits;
                if waits && pod.metadata.deletion_timestamp.is_none() {
                    waiting.insert(key, pod);
                } else if let Err(refusal) = self.see(&pod).await {
                    eprintln!("kubetest: pod {}: {refusal}", pod.name_any());
                    waiting.insert(key, pod);
                }
            }
        }
    }

    async fn see(&self, pod: &Pod) -> kube::Result<()> {
        let namespace = pod.namespace().unwrap_or_default();
        let pods = Api::<Pod>::namespaced(self.client.clone(), &namespace);
        let name = pod.name_any();
        if pod.metadata.deletion_timestamp.is_some() {
            self.logs.forget(&namespace, &name);
            self.volumes.unmount(&namespace, &name);
            let now = DeleteParams::default().grace_period(0);
            return absent(pods.delete(&name, &now).await.map(drop));
        }
        let begun = |pod: &Pod| pod.status.as_ref()?.container_statuses.clone();
        if begun(pod).is_some() {
            return Ok(());
        }
        let behaviour = self.scripts.behaviour(pod);
        self.logs.keep(&namespace, &name, behaviour.log());
        self.volumes.mount(&namespace, pod);
        if let Behaviour::Unready { probe, .. } = &behaviour {
            self.tell(
                pod,
                "Unhealthy",
                &format!("Readiness probe failed: {probe}"),
            )
            .await?;
        }
        let status = json!({"status": status::of(pod, &behaviour)});
        let (params, merge) = (PatchParams::default(), Patch::Merge(&status));
        absent(pods.patch_status(&name, &params, &merge).await.map(drop))
    }

    async fn tell(&self, pod: &Pod, reason: &str, message: &str) -> kube::Result<()> {
        let namespace = pod.namespace().unwrap_or_default();
        let event: Event = serde_json::from_value(json!({
            "metadata": {"generateName": format!("{}-", pod.name_any()), "namespace": namespace},
            "involvedObject": {"kind": "Pod", "namespace": namespace, "name": pod.name_any(), "uid": pod.uid()},
            "type": "Warning", "reason": reason, "message": message,
            "source": {"component": "kubelet", "host": NAME},
        }))
        .map_err(kube::Error::SerdeError)?;
        let events = Api::<Event>::namespaced(self.client.clone(), &namespace);
        events.create(&PostParams::default(), &event).await?;
        Ok(())
    }
}

/// What is gone already is as it should be.
fn absent(result: kube::Result<()>) -> kube::Result<()> {
    match result {
        Err(kube::Error::Api(status)) if status.is_not_found() => Ok(()),
        other => other,
    }
}
