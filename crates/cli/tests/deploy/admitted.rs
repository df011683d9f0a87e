//! What is rendered is admitted where the restricted profile is enforced.

use std::path::Path;

use boatyard_cluster::apply::{Force, Manner};
use boatyard_cluster::{Manifest, Owner, order};
use boatyard_kubetest::Cluster;
use kube::api::{Api, Patch, PatchParams};
use serde_json::json;

use crate::boatyard::Boatyard;

/// Pod Security enforces on pods, not on what makes them: so pods are made from each template, too.
#[test]
fn what_is_rendered_of_the_examples_is_admitted_where_the_restricted_profile_is_enforced() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let namespace = cluster.namespace();
    let here = boatyard_cluster::Cluster::of(namespace.client(), namespace.name());
    let enforce =
        json!({"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}});
    let examples =
        std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples")).unwrap();
    let folders: Vec<_> = examples.map(|entry| entry.unwrap().path()).collect();
    assert!(!folders.is_empty());
    let rendered = |folder: &Path| {
        let folder = folder.to_str().unwrap();
        let said = Boatyard::new().run(["-C", folder, "render", "k8s", "--tag", "1"]);
        assert_eq!(said.code, 0, "{folder}: {}", said.err);
        Manifest::read(&said.out, folder).unwrap()
    };
    cluster.block_on(async {
        Api::<k8s_openapi::api::core::v1::Namespace>::all(namespace.client())
            .patch(
                namespace.name(),
                &PatchParams::default(),
                &Patch::Merge(&enforce),
            )
            .await
            .unwrap();
        let apply = async |owner: &Owner, manifest: &Manifest, dry_run: bool| {
            let manner = Manner {
                dry_run,
                force: Force::Objects,
            };
            let applied = boatyard_cluster::apply::apply(&here, owner, manifest, manner).await;
            applied.unwrap_or_else(|refusal| {
                panic!("{} {refusal}: {}", owner.project(), refusal.source)
            })
        };
        for folder in &folders {
            let owner = Owner::new(folder.file_name().unwrap().to_str().unwrap());
            let turns = order::turns(rendered(folder));
            // Pods need the accounts that they name.
            for manifest in &turns.ground {
                apply(&owner, manifest, false).await;
            }
            let mut pods = 0;
            for manifest in turns.jobs.iter().chain(&turns.roles).chain(&turns.after) {
                apply(&owner, manifest, true).await;
                if let Some(pod) = pod(manifest) {
                    apply(&owner, &pod, true).await;
                    pods += 1;
                }
            }
            assert!(pods > 0, "{} has no pods", folder.display());
        }
    });
}

/// A pod as `manifest` would make it.
fn pod(manifest: &Manifest) -> Option<Manifest> {
    let paths = ["/spec/template", "/spec/jobTemplate/spec/template"];
    let template = paths
        .iter()
        .find_map(|path| manifest.value().pointer(path))?;
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": manifest.name()}, "spec": template["spec"],
    });
    Some(Manifest::of(pod).unwrap())
}
