//! T38: two servers of one prefix, of which one may be of another version: what counts between them is what is written on the cluster.

use boatyard_kubetest::{Cluster, kubectl};
use serde_json::{Value, json};

use crate::distribution::Registry;
use crate::ours;
use crate::previewed::{get, namespaces};
use crate::replicas::led;
use crate::scenario::Forge;
use crate::server::Server;
use crate::support::{boatyard, busybox, new_home, not_run, succeed};

const PREFIX: &str = "rolling";
const RECORD: &str = "boatyard.dev/environment";

/// The only namespace, as it is, and the record on it.
fn there(cluster: &Cluster) -> (Value, Value) {
    let all = namespaces(cluster, PREFIX);
    let [one] = all.as_slice() else {
        panic!("one environment: {all:?}");
    };
    let record = one["metadata"]["annotations"][RECORD].as_str().unwrap();
    (one.clone(), serde_json::from_str(record).unwrap())
}

/// Writes the record as a server of another version would.
fn write(cluster: &Cluster, change: impl FnOnce(&mut Value)) {
    let (namespace, mut record) = there(cluster);
    change(&mut record);
    let name = namespace["metadata"]["name"].as_str().unwrap();
    let text = format!("{RECORD}={record}");
    let words = ["annotate", "--overwrite", "namespace", name, &text];
    ours(&mut kubectl().unwrap(), cluster, &words);
}

/// What runs of it: was it made or changed again?
fn runs(cluster: &Cluster) -> Vec<Value> {
    let (namespace, _) = there(cluster);
    let name = namespace["metadata"]["name"].as_str().unwrap();
    let all = get(cluster, &["-n", name, "jobs,deployments"]);
    let about = |one: &Value| json!([one["metadata"]["uid"], one["metadata"]["generation"]]);
    all["items"].as_array().unwrap().iter().map(about).collect()
}

#[test]
fn what_an_earlier_version_wrote_is_taken_over_and_what_a_later_one_wrote_is_left() {
    let Some(cluster) = Cluster::scripted() else {
        return;
    };
    let Some(registry) = Registry::start("an upgrade", false) else {
        return;
    };
    let Some(busybox) = busybox() else {
        return not_run("there is no static busybox");
    };
    let forge = Forge::new(&busybox, &led(&registry, PREFIX));
    let homes = [new_home(), new_home(), new_home()];
    let kubeconfig = cluster.kubeconfig().display().to_string();
    let begin = |home: usize| {
        let variables = [("KUBECONFIG", kubeconfig.clone())];
        Server::begin(homes[home].path(), &forge.file(), &variables)
    };

    // The old one leads, the new one stands by.
    let mut old = begin(0);
    old.leads();
    let commit = forge.commit("main", "first");
    old.running(&commit);
    let before = runs(cluster);
    let mut new = begin(1);
    new.stands_by();
    // The first servers wrote no version, and nothing of what came later.
    write(cluster, |record| {
        let record = record.as_object_mut().unwrap();
        for name in ["version", "wishes", "snapshots", "task", "undone", "warned"] {
            record.remove(name);
        }
    });
    assert_eq!(there(cluster).1["version"], Value::Null);
    old.end();
    new.leads();
    let (_, listing) = new.own().get("/api/environments");
    assert!(
        listing.contains(&commit) && listing.contains("\"phase\":\"running\""),
        "{listing}"
    );
    assert_eq!(runs(cluster), before, "it goes on as it is");
    // What it does with it, it writes as its own version has it.
    let (_, record) = there(cluster);
    let id = record["id"].as_str().unwrap();
    let home = homes[1].path();
    succeed(boatyard(home, home).args(["preview", "stop", id]));
    new.phase(&commit, "asleep");
    let version = there(cluster).1["version"].as_u64();
    let version = version.expect("it is written by a server of today");

    // One that stood by while a later version led ends, and leaves everything as it is.
    let mut older = begin(2);
    older.stands_by();
    write(cluster, |record| {
        record["version"] = json!(version + 1);
        record["phase"] = json!("moored");
    });
    let before = (there(cluster), runs(cluster));
    new.end();
    let said = older.refuses(3);
    for part in [
        "was written by a later version of the server",
        "run that version",
    ] {
        assert!(said.contains(part), "no {part:?} in {said}");
    }
    assert_eq!((there(cluster), runs(cluster)), before);
}
