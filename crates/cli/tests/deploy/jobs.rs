//! Jobs on a cluster, where what a Job does cannot be changed.

use std::collections::BTreeSet;
use std::thread;

use boatyard_kubetest::{Behaviour, Cluster, kubectl};
use serde_json::Value;

use crate::boatyard::{Boatyard, Said};
use crate::previewed::get;
use crate::support::{output, text, wait_for};
use crate::{PROJECT, ours};

fn deploy(cluster: &Cluster, namespace: &str, boatyard: &Boatyard, tag: &str) -> Said {
    let words = ["deploy", "--preview", "-n", namespace, "--tag", tag];
    boatyard.said(
        boatyard
            .command(words)
            .env("KUBECONFIG", cluster.kubeconfig()),
    )
}

fn jobs(cluster: &Cluster, namespace: &str) -> Vec<Value> {
    let all = get(cluster, &["-n", namespace, "jobs"]);
    all["items"].as_array().unwrap().clone()
}

/// T18: a job before a deploy and one of `[preview]` are others each time, also after one that failed.
#[test]
fn a_job_that_is_another_one_takes_the_place_of_the_last() {
    let Some(cluster) = Cluster::scripted() else {
        return;
    };
    let namespace = cluster.namespace();
    let boatyard = Boatyard::new();
    let mut known = BTreeSet::new();
    for (word, code) in [("one", 0), ("two", 3), ("three", 0)] {
        let project = format!(
            "{PROJECT}[job.migrate]\ncommand = \"migrate {word}\"\nwhen = \"before-deploy\"\n\
             [job.fill]\ncommand = \"fill {word}\"\n[preview]\nseed = [\"fill\"]\n"
        );
        boatyard.file("boatyard.toml", &project);
        namespace.script("shop-fill", Behaviour::exits(code, "no such table"));
        let said = deploy(cluster, namespace.name(), &boatyard, word);
        assert_eq!(said.code, i32::from(code != 0), "{word}: {}", said.err);
        if code != 0 {
            continue;
        }
        let all = jobs(cluster, namespace.name());
        assert_eq!(all.len(), 2, "{all:?}");
        for job in all {
            let container = &job["spec"]["template"]["spec"]["containers"][0];
            assert!(container.to_string().contains(word), "{word}: {container}");
            assert!(known.insert(job["metadata"]["uid"].to_string()), "{job}");
        }
    }
    // The API server would not have it changed.
    let all = jobs(cluster, namespace.name());
    let mut names = all
        .iter()
        .filter_map(|job| job["metadata"]["name"].as_str());
    let migrate = names.find(|name| name.starts_with("shop-migrate"));
    let path = "/spec/template/spec/containers/0/image";
    let change = format!("[{{\"op\": \"replace\", \"path\": \"{path}\", \"value\": \"other\"}}]");
    let words = [
        "-n",
        namespace.name(),
        "patch",
        "job",
        migrate.unwrap(),
        "--type=json",
        "-p",
    ];
    let mut command = kubectl().unwrap();
    let command = command.args(words).arg(change);
    let said = output(command.env("KUBECONFIG", cluster.kubeconfig()));
    let said = text(&said.stderr);
    assert!(said.contains("field is immutable"), "{said}");
}

/// T31: it fails once, and the cluster tries it again.
#[test]
fn a_job_that_fails_is_tried_again_there() {
    let Some(cluster) = Cluster::scripted() else {
        return;
    };
    let namespace = cluster.namespace();
    let boatyard = Boatyard::new();
    let job = "[job.migrate]\ncommand = \"migrate\"\nwhen = \"before-deploy\"\nretries = 1\n";
    boatyard.file("boatyard.toml", &format!("{PROJECT}{job}"));
    namespace.script("shop-migrate", Behaviour::exits(3, "locked"));
    let name = namespace.name();
    thread::scope(|scope| {
        let deployed = scope.spawn(|| deploy(cluster, name, &boatyard, "1"));
        wait_for("the first try to fail", 120, || {
            let all = jobs(cluster, name);
            (all.first()?["status"]["failed"] == 1).then_some(())
        });
        namespace.script("shop-migrate", Behaviour::exits(0, ""));
        let said = deployed.join().unwrap();
        assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    });
    let job = jobs(cluster, name)[0].clone();
    let status = &job["status"];
    assert_eq!(
        (&status["failed"], &status["succeeded"]),
        (&1.into(), &1.into())
    );
    let own = format!("job-name={}", job["metadata"]["name"].as_str().unwrap());
    let pods = ["-n", name, "get", "pods", "-l", &own, "-o", "name"];
    let pods = ours(&mut kubectl().unwrap(), cluster, &pods);
    assert_eq!(pods.lines().count(), 2, "{pods}");
}
