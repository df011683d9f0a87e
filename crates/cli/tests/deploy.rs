//! `boatyard deploy` against a real API server; the pods follow scripts.

mod boatyard;

use std::path::Path;
use std::process::Command;

use boatyard::Boatyard;
use boatyard_cluster::apply::{Force, Manner};
use boatyard_cluster::{Manifest, Owner, order};
use boatyard_kubetest::{Behaviour, Cluster, kubectl};
use kube::api::{Api, Patch, PatchParams};
use serde_json::json;

const PROJECT: &str = "\
[project]
name = \"shop\"
[image]
base = \"debian:bookworm\"
[service.app]
copy = []
roles = [\"web\"]
[role.web]
command = \"serve\"
";

/// Settings, a migration and a role.
fn manifests(version: u32) -> String {
    format!(
        "apiVersion: v1
kind: ConfigMap
metadata: {{name: settings}}
data: {{version: \"{version}\"}}
---
apiVersion: batch/v1
kind: Job
metadata: {{name: migrate, annotations: {{boatyard.dev/when: before-deploy}}}}
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers: [{{name: migrate, image: \"shop:{version}\"}}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      containers: [{{name: web, image: \"shop:{version}\"}}]
"
    )
}

#[test]
fn deployed_changed_and_undone() {
    let Some(cluster) = Cluster::scripted() else {
        return;
    };
    let namespace = cluster.namespace();
    let boatyard = Boatyard::new();
    boatyard.file("boatyard.toml", PROJECT);
    let deploy = |version: u32, more: &[&str]| {
        boatyard.file("k8s/all.yaml", &manifests(version));
        let words = ["deploy", "-f", "k8s", "-n", namespace.name()];
        let mut command = boatyard.command(words.iter().chain(more));
        boatyard.said(command.env("KUBECONFIG", cluster.kubeconfig()))
    };
    let image = || {
        let path = "jsonpath={.spec.template.spec.containers[0].image}";
        ours(
            &mut kubectl().unwrap(),
            cluster,
            &[
                "-n",
                namespace.name(),
                "get",
                "deployment",
                "web",
                "-o",
                path,
            ],
        )
    };

    let said = deploy(1, &["--dry-run"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(
        said.out.starts_with("would run Job/migrate\n"),
        "{}",
        said.out
    );
    assert!(said.out.contains("+++ b/Deployment/web\n"), "{}", said.out);

    let said = deploy(1, &[]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert_eq!(
        said.out,
        format!(
            "deployed to {}: 2 objects, 2 changed, 0 removed\n",
            namespace.name()
        )
    );
    let order = [
        "created  ConfigMap/settings",
        "running   Job/migrate",
        "created  Deployment/web",
        "ready    Deployment/web",
    ];
    let places: Vec<_> = order.iter().map(|line| said.err.find(line)).collect();
    assert!(
        places.iter().all(Option::is_some) && places.is_sorted(),
        "{}",
        said.err
    );
    assert_eq!(image(), "shop:1");

    let said = deploy(1, &["--dry-run"]);
    assert_eq!(said.out, "would run Job/migrate\n");
    let said = deploy(2, &["--dry-run"]);
    assert!(
        said.out
            .contains("-      - image: shop:1\n+      - image: shop:2\n"),
        "{}",
        said.out
    );

    namespace.script("web", Behaviour::crash_loops(1, "no module named shop"));
    let said = deploy(2, &["--json"]);
    assert_eq!(said.code, 1, "{}{}", said.out, said.err);
    assert!(
        said.err.contains("what was there before is back"),
        "{}",
        said.err
    );
    assert!(said.err.contains("| no module named shop"), "{}", said.err);
    let kinds: Vec<String> = said
        .out
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .filter_map(|line| Some(line.get("event")?.as_str()?.to_owned()))
        .collect();
    assert!(kinds.iter().any(|kind| kind == "undoes"), "{kinds:?}");
    assert!(
        said.out.lines().last().unwrap().starts_with("{\"error\":"),
        "{}",
        said.out
    );
    assert_eq!(image(), "shop:1");
}

/// A flag is stronger than what the project says, for what is rendered, too.
#[test]
fn all_of_it_is_in_the_namespace_that_is_named() {
    let Some(cluster) = Cluster::scripted() else {
        return;
    };
    let (flag, said) = (cluster.namespace(), cluster.namespace());
    let boatyard = Boatyard::new();
    let project = format!("{PROJECT}[deploy]\nnamespace = \"{}\"\n", said.name());
    boatyard.file("boatyard.toml", &project);
    for (words, namespace) in [(&["-n", flag.name()][..], &flag), (&[], &said)] {
        let words = [&["deploy", "--tag", "1"], words].concat();
        let mut command = boatyard.command(words);
        let said = boatyard.said(command.env("KUBECONFIG", cluster.kubeconfig()));
        assert_eq!(said.code, 0, "{}{}", said.out, said.err);
        let there = ours(
            &mut kubectl().unwrap(),
            cluster,
            &[
                "-n",
                namespace.name(),
                "get",
                "deployment,lease,secret",
                "-o",
                "name",
            ],
        );
        for part in [
            "deployment.apps/",
            "lease.coordination.k8s.io/boatyard-shop",
            "secret/boatyard-shop",
        ] {
            assert!(there.contains(part), "no {part:?} in {there}");
        }
    }
}

/// What stock kubectl answers.
fn ours(kubectl: &mut Command, cluster: &Cluster, words: &[&str]) -> String {
    let output = kubectl
        .args(words)
        .env("KUBECONFIG", cluster.kubeconfig())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_cluster_that_is_not_there() {
    let boatyard = Boatyard::new();
    boatyard.file("boatyard.toml", PROJECT);
    boatyard.file("k8s/all.yaml", &manifests(1));
    let nowhere = "{apiVersion: v1, kind: Config, current-context: a, contexts: [{name: a, context: {cluster: a, user: a}}], \
                   clusters: [{name: a, cluster: {server: \"https://127.0.0.1:1\"}}], users: [{name: a, user: {}}]}";
    boatyard.file("kubeconfig", nowhere);
    let deploy = |words: &[&str], kubeconfig: &str| {
        let mut command = boatyard.command(["deploy", "-f", "k8s"].iter().chain(words));
        boatyard.said(command.env("KUBECONFIG", boatyard.project().join(kubeconfig)))
    };
    let said = deploy(&[], "kubeconfig");
    assert_eq!(said.code, 3, "{}", said.err);
    assert!(said.err.contains("Connection refused"), "{}", said.err);
    let said = deploy(&["--context", "b"], "kubeconfig");
    assert_eq!(said.code, 2, "{}", said.err);
    assert!(
        said.err.contains("by the context \"b\"") && said.err.contains("get-contexts"),
        "{}",
        said.err
    );
    let elsewhere = manifests(1).replace("name: settings", "name: settings, namespace: b");
    boatyard.file("k8s/all.yaml", &elsewhere);
    for more in [&[][..], &["--dry-run"]] {
        let said = deploy(&[&["-n", "a"], more].concat(), "kubeconfig");
        assert_eq!(said.code, 2, "{}", said.err);
        for part in [
            "cannot deploy ConfigMap/settings",
            "metadata.namespace: b, and the deploy goes to a",
            "--namespace b",
        ] {
            assert!(said.err.contains(part), "no {part:?} in {}", said.err);
        }
    }
    boatyard.file("k8s/all.yaml", "kind: Job\n");
    let said = deploy(&[], "kubeconfig");
    assert_eq!(said.code, 2, "{}", said.err);
    assert!(
        said.err
            .contains("document 1 of k8s/all.yaml has no apiVersion"),
        "{}",
        said.err
    );
}

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
