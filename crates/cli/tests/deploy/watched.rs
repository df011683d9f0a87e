//! A deploy for each state of the sources.

use std::process::Stdio;
use std::time::{Duration, Instant};

use boatyard_kubetest::{Cluster, kubectl};
use rustix::process::{Pid, Signal, kill_process};

use crate::boatyard::Boatyard;
use crate::{PROJECT, manifests};

const LIMIT: Duration = Duration::from_secs(60);

#[test]
fn what_changes_is_deployed() {
    let Some(cluster) = Cluster::scripted() else {
        return;
    };
    let namespace = cluster.namespace();
    let boatyard = Boatyard::new();
    boatyard.file("boatyard.toml", PROJECT);
    boatyard.file("k8s/all.yaml", &manifests(1));
    let words = [
        "deploy",
        "--watch",
        "-q",
        "-f",
        "k8s",
        "-n",
        namespace.name(),
    ];
    let mut command = boatyard.command(words);
    let mut child = command
        .env("KUBECONFIG", cluster.kubeconfig())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let wait_for = |image: &str| {
        let begin = Instant::now();
        loop {
            let found = kubectl()
                .unwrap()
                .args(["-n", namespace.name(), "get", "deployment", "-o"])
                .arg("jsonpath={.items[*].spec.template.spec.containers[0].image}")
                .env("KUBECONFIG", cluster.kubeconfig())
                .output()
                .unwrap();
            let found = String::from_utf8(found.stdout).unwrap();
            if found.starts_with(image) {
                return;
            }
            assert!(
                begin.elapsed() < LIMIT,
                "no {image} after {LIMIT:?}: {found}"
            );
        }
    };
    wait_for("shop:1");
    boatyard.file("k8s/all.yaml", &manifests(2));
    wait_for("shop:2");
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    let begin = Instant::now();
    while child.try_wait().unwrap().is_none() {
        assert!(begin.elapsed() < LIMIT, "it does not end in {LIMIT:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
