//! `boatyard serve` with environments that are made by kubefiles, each in a namespace of its own.

use std::path::Path;

use boatyard_kubetest::{Cluster, kubectl};
use serde_json::Value;

use crate::kubefiles::{Ground, IMAGE};
use crate::previewed::{is_closed, namespaces};
use crate::runboat::{kubefiles, table};
use crate::server::Server;
use crate::support::{busybox, new_home, not_run, wait_for};
use crate::{ours, scenario};

/// The same as on one machine, see tests/serve, and as in one namespace.
#[test]
fn what_happens_on_one_machine_happens_by_kubefiles_in_namespaces_of_their_own() {
    let Some(cluster) = Cluster::scripted() else {
        return;
    };
    let (prefix, home) = ("apart", new_home());
    let folder = tempfile::tempdir().unwrap();
    let files = kubefiles(folder.path());
    let look = |step: &str, id: &str| {
        let namespace = format!("{prefix}-{id}");
        let (cluster, namespace) = (cluster, namespace.as_str());
        let ground = Ground { cluster, namespace };
        let web = || ground.deployment(&format!("b{id}-web"));
        match step {
            "phase first running" | "phase second running" => {
                is_closed(cluster, namespace);
                let one = web();
                assert_eq!(one["spec"]["replicas"], 1);
                let status = &one["metadata"]["annotations"]["runboat/init-status"];
                assert_eq!(status, "succeeded");
                assert_eq!(record(cluster, namespace)["phase"], "running");
                assert_eq!(ground.all("persistentvolumeclaims").len(), 1);
            }
            "phase second asleep" => {
                assert_eq!(web()["spec"]["replicas"], 0);
                assert_eq!(record(cluster, namespace)["phase"], "asleep");
            }
            "gone main first" => assert_eq!(namespaces(cluster, prefix).len(), 1),
            "end" => assert_eq!(namespaces(cluster, prefix), Vec::<Value>::new()),
            _ => {}
        }
    };
    let played = scenario::play(&scenario::Stage {
        home: home.path(),
        more: table(&files, prefix, None, IMAGE),
        variables: vec![("KUBECONFIG", cluster.kubeconfig().display().to_string())],
        jumps: false,
        keeps: false,
        answers: false,
        forgets: true,
        look: &look,
    });
    played.unwrap_or_else(|| not_run("there is no static busybox"));
}

/// The record of an environment, on its namespace.
fn record(cluster: &Cluster, namespace: &str) -> Value {
    let path = r"jsonpath={.metadata.annotations.boatyard\.dev/environment}";
    let words = ["get", "namespace", namespace, "-o", path];
    serde_json::from_str(&ours(&mut kubectl().unwrap(), cluster, &words)).unwrap()
}

/// Takes the words off that a restricted namespace wants of a pod.
fn unrestrict(file: &Path) {
    let text = std::fs::read_to_string(file).unwrap();
    let lines = text
        .lines()
        .filter(|line| !line.contains("securityContext"));
    std::fs::write(file, lines.collect::<Vec<_>>().join("\n")).unwrap();
}

/// A namespace that somebody removes is made anew, though the finalizer of what is in it waits for a clean-up that cannot be done there any
/// more; and kubefiles whose pods may not be there say so.
#[test]
fn a_namespace_that_somebody_removes_is_made_anew() {
    let Some(cluster) = Cluster::scripted() else {
        return;
    };
    let Some(busybox) = busybox() else {
        return not_run("there is no static busybox");
    };
    let (prefix, home) = ("removed", new_home());
    let folder = tempfile::tempdir().unwrap();
    let files = kubefiles(folder.path());
    let forge = scenario::Forge::new(&busybox, &table(&files, prefix, None, IMAGE));
    let variables = [("KUBECONFIG", cluster.kubeconfig().display().to_string())];
    let mut server = Server::start(home.path(), &forge.file(), &variables);
    let first = forge.commit("main", "first");
    server.phase(&first, "running");
    forge.idle("2s");
    server.reload();
    server.passes(&first, "stopping");
    let id = server.phase(&first, "asleep")["id"].clone();
    let namespace = format!("{prefix}-{}", id.as_str().unwrap());
    let uid = || {
        let all = namespaces(cluster, prefix);
        let mut all = all.iter().map(|one| one["metadata"]["uid"].clone());
        all.next()
    };
    let before = uid().unwrap();
    let words = ["delete", "namespace", &namespace, "--wait=false"];
    ours(&mut kubectl().unwrap(), cluster, &words);
    server.phase(&first, "preparing");
    server.phase(&first, "asleep");
    wait_for("another namespace", 60, || {
        uid().filter(|uid| *uid != before)
    });

    unrestrict(&files.join("initialize.yaml.jinja"));
    let second = forge.commit("other", "second");
    let failed = server.failed(&second);
    let reason = failed["environment"]["reason"].as_str().unwrap();
    assert!(reason.contains("violates PodSecurity"), "{reason}");
    for branch in ["main", "other"] {
        forge.delete(branch);
    }
    server.gone(&first, "main");
    server.gone(&second, "other");
    server.end();
    assert_eq!(namespaces(cluster, prefix), Vec::<Value>::new());
}
