//! What is said before anything is reached.

use crate::boatyard::Boatyard;
use crate::{PROJECT, manifests};

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
        said.err.contains("by the context \"b\"") && said.err.contains("has the contexts: a"),
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
