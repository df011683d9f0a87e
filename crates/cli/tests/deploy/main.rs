//! `boatyard deploy` against a real API server; the pods follow scripts.

mod admitted;
mod apart;
mod backed;
#[path = "../boatyard/mod.rs"]
mod boatyard;
#[path = "../serve/checkout.rs"]
mod checkout;
mod data;
mod deaf;
#[path = "../../../store/tests/distribution/mod.rs"]
mod distribution;
mod disturbed;
mod faulted;
mod fleet;
mod gateway;
mod hosts;
mod imaged;
mod jobs;
mod kubefiles;
mod least;
mod many;
mod mended;
mod previewed;
mod pushed;
mod refused;
mod remote;
mod replicas;
mod rights;
mod rolled;
#[path = "../runboat/mod.rs"]
mod runboat;
#[path = "../scenario/mod.rs"]
mod scenario;
#[path = "../serve/server.rs"]
mod server;
#[path = "../support/mod.rs"]
mod support;
mod uncleaned;
mod unreached;
mod upgraded;
mod vanished;
mod watched;
mod ways;

use std::process::Command;

use boatyard_kubetest::Cluster;

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
