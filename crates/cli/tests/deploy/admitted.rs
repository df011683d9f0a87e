//! What is rendered is admitted where the restricted profile is enforced.

use std::path::Path;

use boatyard_cluster::apply::{Force, Manner};
use boatyard_cluster::{Manifest, Owner, order};
use boatyard_kubetest::{Cluster, Namespace};
use kube::api::{Api, Patch, PatchParams};
use serde_json::{Value, json};

use crate::boatyard::Boatyard;

/// A namespace that enforces the restricted profile.
pub struct Restricted {
    cluster: &'static Cluster,
    namespace: Namespace<'static>,
}

impl Restricted {
    /// A new one in `cluster`.
    pub fn of(cluster: &'static Cluster) -> Self {
        let namespace = cluster.namespace();
        let enforce =
            json!({"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}});
        let namespaces = Api::<k8s_openapi::api::core::v1::Namespace>::all(namespace.client());
        let patch = Patch::Merge(&enforce);
        let params = PatchParams::default();
        cluster
            .block_on(namespaces.patch(namespace.name(), &params, &patch))
            .unwrap();
        Self { cluster, namespace }
    }

    /// Applies, with strict validation, or answers the refusal.
    fn apply(&self, owner: &Owner, manifest: &Manifest, dry_run: bool) -> Option<String> {
        let here = boatyard_cluster::Cluster::of(self.namespace.client(), self.namespace.name());
        let manner = Manner {
            dry_run,
            force: Force::Objects,
        };
        let applied = boatyard_cluster::apply::apply(&here, owner, manifest, manner);
        let refusal = self.cluster.block_on(applied).err()?;
        Some(format!("{refusal}: {}", refusal.source))
    }

    /// Why the server refuses `manifest`, or a pod that it makes: Pod Security enforces on pods, not on what makes them.
    pub fn refusal(&self, manifest: &Manifest) -> Option<String> {
        let owner = Owner::new("mended");
        let here = anywhere(manifest);
        self.apply(&owner, &here, true)
            .or_else(|| self.apply(&owner, &pod(&here)?, true))
    }
}

#[test]
fn what_is_rendered_of_the_examples_is_admitted_where_the_restricted_profile_is_enforced() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let restricted = Restricted::of(cluster);
    let examples =
        std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples")).unwrap();
    let folders: Vec<_> = examples.map(|entry| entry.unwrap().path()).collect();
    assert!(!folders.is_empty());
    let rendered = |folder: &Path, backing: &str| {
        let folder = folder.to_str().unwrap();
        let words = ["-C", folder, "render", "k8s", "--tag", "1", "--backing"];
        let said = Boatyard::new().run(words.iter().chain([&backing]));
        assert_eq!(said.code, 0, "{folder}: {}", said.err);
        Manifest::read(&said.out, folder).unwrap()
    };
    let ways = ["elsewhere", "kept", "scratch"];
    for (folder, backing) in folders.iter().flat_map(|one| ways.map(|way| (one, way))) {
        let owner = Owner::new(folder.file_name().unwrap().to_str().unwrap());
        let turns = order::turns(rendered(folder, backing));
        // Pods need the accounts that they name.
        for manifest in &turns.ground {
            assert_eq!(restricted.apply(&owner, manifest, false), None);
        }
        let mut pods = 0;
        let jobs = turns.jobs.iter().chain(&turns.after);
        for manifest in turns.first.iter().chain(&turns.roles).chain(jobs) {
            assert_eq!(restricted.apply(&owner, manifest, true), None);
            if let Some(pod) = pod(manifest) {
                assert_eq!(restricted.apply(&owner, &pod, true), None);
                pods += 1;
            }
        }
        assert!(pods > 0, "{} has no pods", folder.display());
    }
}

/// A pod as `manifest` would make it.
fn pod(manifest: &Manifest) -> Option<Manifest> {
    let paths = ["/spec/template", "/spec/jobTemplate/spec/template"];
    let template = paths
        .iter()
        .find_map(|path| manifest.value().pointer(path))?;
    let mut pod = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": manifest.name()}, "spec": template["spec"],
    });
    let annotations = &template["metadata"]["annotations"];
    if annotations.is_object() {
        pod["metadata"]["annotations"] = annotations.clone();
    }
    // A StatefulSet makes volumes, which are those of the pod.
    for claim in manifest.value()["spec"]["volumeClaimTemplates"]
        .as_array()
        .into_iter()
        .flatten()
    {
        let volume = json!({"name": claim["metadata"]["name"], "emptyDir": {}});
        match pod["spec"]["volumes"].as_array_mut() {
            Some(volumes) => volumes.push(volume),
            None => pod["spec"]["volumes"] = json!([volume]),
        }
    }
    Some(Manifest::of(pod).unwrap())
}

/// `manifest` without what it expects in its own cluster: namespace, account, class of priority, runtime.
fn anywhere(manifest: &Manifest) -> Manifest {
    let mut value = manifest.value().clone();
    let metadata = value["metadata"].as_object_mut().unwrap();
    metadata.remove("namespace");
    for path in [
        "/spec",
        "/spec/template/spec",
        "/spec/jobTemplate/spec/template/spec",
    ] {
        if let Some(spec) = value.pointer_mut(path).and_then(Value::as_object_mut) {
            for key in [
                "serviceAccount",
                "serviceAccountName",
                "priorityClassName",
                "runtimeClassName",
            ] {
                spec.remove(key);
            }
        }
    }
    Manifest::of(value).unwrap()
}
