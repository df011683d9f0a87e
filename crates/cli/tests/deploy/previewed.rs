//! `boatyard serve` with its environments on a cluster.

use std::path::Path;

use boatyard_kubetest::{Cluster, kubectl};
use serde_json::Value;

use crate::distribution::Registry;
use crate::support::{new_home, not_run};
use crate::{ours, scenario};

/// What stock kubectl finds of environments of `prefix`, or in a namespace.
pub fn get(cluster: &Cluster, words: &[&str]) -> Value {
    let words = [&["get", "-o", "json"], words].concat();
    serde_json::from_str(&ours(&mut kubectl().unwrap(), cluster, &words)).unwrap()
}

pub fn namespaces(cluster: &Cluster, prefix: &str) -> Vec<Value> {
    let label = format!("boatyard.dev/server={prefix}");
    let all = get(cluster, &["namespaces", "-l", &label]);
    all["items"].as_array().unwrap().clone()
}

/// How many of each Deployment in a namespace are to run.
fn replicas(cluster: &Cluster, namespace: &str) -> Vec<u64> {
    let all = get(cluster, &["-n", namespace, "deployments"]);
    let items = all["items"].as_array().unwrap();
    items
        .iter()
        .map(|one| one["spec"]["replicas"].as_u64().unwrap())
        .collect()
}

/// A namespace is what nobody reaches and what reaches nobody.
fn is_closed(cluster: &Cluster, namespace: &str) {
    let there = get(cluster, &["namespace", namespace]);
    let labels = &there["metadata"]["labels"];
    assert_eq!(labels["pod-security.kubernetes.io/enforce"], "restricted");
    let policies = get(cluster, &["-n", namespace, "networkpolicies"]);
    let [policy] = policies["items"].as_array().unwrap().as_slice() else {
        panic!("one policy, and none of the project's: {policies}");
    };
    assert_eq!(policy["spec"]["podSelector"], serde_json::json!({}));
    let from = &policy["spec"]["ingress"][0]["from"];
    assert_eq!(*from, serde_json::json!([{"podSelector": {}}]));
    let quota = get(cluster, &["-n", namespace, "resourcequota", "boatyard"]);
    assert_eq!(quota["spec"]["hard"]["pods"], "7");
    get(cluster, &["-n", namespace, "limitrange", "boatyard"]);
    let pods = get(cluster, &["-n", namespace, "pods"]);
    for pod in pods["items"].as_array().unwrap() {
        assert_eq!(pod["spec"]["automountServiceAccountToken"], false, "{pod}");
    }
    let account = get(cluster, &["-n", namespace, "serviceaccount", "default"]);
    assert_eq!(account["automountServiceAccountToken"], false);
}

fn play(cluster: &Cluster, registry: &Registry, home: &Path) {
    let prefix = "story";
    let more = format!(
        "[cluster]\nregistry = \"127.0.0.1:{}/previews\"\nprefix = \"{prefix}\"\n[cluster.quota]\npods = 7\n",
        registry.port
    );
    let look = |step: &str, id: &str| {
        let namespace = format!("{prefix}-{id}");
        match step {
            "phase first running" | "phase second running" => {
                is_closed(cluster, &namespace);
                assert_eq!(replicas(cluster, &namespace), [1]);
                let there = get(cluster, &["namespace", &namespace]);
                let record = &there["metadata"]["annotations"]["boatyard.dev/environment"];
                let record: Value = serde_json::from_str(record.as_str().unwrap()).unwrap();
                assert_eq!(record["id"], *id);
            }
            "gone main second" => {
                let folder = home.join("serve/log").join(id).join("run");
                let parts = folder.read_dir().unwrap().flatten();
                let printed = parts.map(|part| std::fs::read_to_string(part.path()).unwrap());
                let printed = printed.collect::<String>();
                assert!(
                    printed.contains("running farewell") && printed.contains("it is cleaned up"),
                    "{printed}"
                );
            }
            "phase second asleep" => assert_eq!(replicas(cluster, &namespace), [0]),
            "gone main first" => {
                let left = namespaces(cluster, prefix);
                assert_eq!(left.len(), 1, "{left:?}");
            }
            "end" => assert_eq!(namespaces(cluster, prefix), Vec::<Value>::new()),
            _ => {}
        }
    };
    let played = scenario::play(&scenario::Stage {
        home,
        more,
        variables: vec![("KUBECONFIG", cluster.kubeconfig().display().to_string())],
        answers: false,
        forgets: true,
        look: &look,
    });
    if played.is_none() {
        not_run("there is no static busybox");
    }
}

/// The same as on one machine, see tests/serve; and the cluster holds what is needed to go on where the server has forgotten all.
#[test]
fn what_happens_on_one_machine_happens_on_a_cluster() {
    let Some(cluster) = Cluster::scripted() else {
        return;
    };
    let Some(registry) = Registry::start("previews on a cluster", false) else {
        return;
    };
    let home = new_home();
    play(cluster, &registry, home.path());
}
