//! What an environment is made of vanishes while it is made, or before it is started: it is told, and made anew when somebody says so.

use std::path::Path;

use boatyard_kubetest::{Behaviour, Cluster, kubectl};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::distribution::Registry;
use crate::ours;
use crate::previewed::{get, namespaces};
use crate::replicas::led;
use crate::scenario::Forge;
use crate::server::Server;
use crate::support::{boatyard, busybox, new_home, not_run, succeed, wait_for};

const JOB: &str = "shop-migrate";

/// A server with its environments on a cluster.
struct Yard<'a> {
    cluster: &'a Cluster,
    registry: Registry,
    home: tempfile::TempDir,
    forge: Forge,
    prefix: &'static str,
}

/// A commit of a branch, and where it is.
struct One {
    branch: &'static str,
    commit: String,
    namespace: String,
}

impl<'a> Yard<'a> {
    fn new(cluster: &'a Cluster, prefix: &'static str) -> Option<Self> {
        let registry = Registry::start(prefix, false)?;
        let Some(busybox) = busybox() else {
            not_run("there is no static busybox");
            return None;
        };
        let more = format!("[limits]\npreparing = 4\n{}", led(&registry, prefix));
        Some(Self {
            cluster,
            registry,
            home: new_home(),
            forge: Forge::new(&busybox, &more),
            prefix,
        })
    }

    fn start(&self) -> Server {
        let kubeconfig = self.cluster.kubeconfig().display().to_string();
        let variables = [("KUBECONFIG", kubeconfig)];
        Server::start(self.home.path(), &self.forge.file(), &variables)
    }

    /// A commit that has begun to be prepared.
    fn begun(&self, server: &mut Server, branch: &'static str) -> One {
        let commit = self.forge.commit(branch, branch);
        let said = server.phase(&commit, "preparing");
        let id = said["id"].as_str().unwrap();
        One {
            branch,
            namespace: format!("{}-{id}", self.prefix),
            commit,
        }
    }

    /// Says something of an environment, as people do.
    fn say(&self, verb: &str, one: &One) {
        let id = one.namespace.rsplit('-').next().unwrap();
        let home = self.home.path();
        succeed(boatyard(home, home).args(["preview", verb, id]));
    }

    /// Objects of that kind in its namespace.
    fn there(&self, one: &One, kind: &str) -> Vec<Value> {
        let all = get(self.cluster, &["-n", &one.namespace, kind]);
        all["items"].as_array().unwrap().clone()
    }

    /// Waits until its job has a pod, which waits.
    fn waits(&self, one: &One) -> String {
        wait_for("the pod of the job", 120, || {
            let pods = self.there(one, "pods");
            let names = pods
                .iter()
                .filter_map(|pod| pod["metadata"]["name"].as_str());
            names.map(str::to_owned).find(|name| name.starts_with(JOB))
        })
    }

    /// Deletes what is called so, whatever its name has at the end, if it is still there.
    fn delete(&self, one: &One, kind: &str, name: &str) {
        let all = self.there(one, &format!("{kind}s"));
        let names = all
            .iter()
            .filter_map(|one| one["metadata"]["name"].as_str());
        for name in names.filter(|there| there.starts_with(name)) {
            let whatever = ["--wait=false", "--ignore-not-found"];
            let words = ["-n", &one.namespace, "delete", kind, name];
            let words = [words.as_slice(), whatever.as_slice()].concat();
            ours(&mut kubectl().unwrap(), self.cluster, &words);
        }
    }

    fn script(&self, one: &One, subject: &str, behaviour: Behaviour) {
        self.cluster.script(&one.namespace, subject, behaviour);
    }
}

/// The process that deploys it.
fn deploy(one: &One) -> Option<Pid> {
    let all = Path::new("/proc").read_dir().unwrap().flatten();
    let deploys = |words: &[u8]| {
        let words: Vec<&[u8]> = words.split(|byte| *byte == 0).collect();
        words.contains(&b"deploy".as_slice()) && words.contains(&one.namespace.as_bytes())
    };
    let mut numbers = all.filter_map(|entry| {
        let words = std::fs::read(entry.path().join("cmdline")).ok()?;
        let number = entry.file_name().to_str()?.parse().ok()?;
        deploys(&words).then_some(number)
    });
    numbers.find_map(Pid::from_raw)
}

fn reason(said: &Value) -> String {
    said["environment"]["reason"].as_str().unwrap().to_owned()
}

/// T30: the job, its pod, the command that waits for it; by hand, and while nobody keeps it.
#[test]
fn what_prepares_it_vanishes_and_that_is_told() {
    let Some(cluster) = Cluster::scripted() else {
        return;
    };
    let Some(yard) = Yard::new(cluster, "vanish") else {
        return;
    };
    let mut server = yard.start();
    let all = ["job", "pod", "command", "away"].map(|branch| {
        let one = yard.begun(&mut server, branch);
        yard.script(&one, JOB, Behaviour::Waits);
        one
    });
    let pods = all.each_ref().map(|one| yard.waits(one));
    let [job, pod, command, away] = &all;
    yard.delete(job, "job", JOB);
    yard.delete(pod, "pod", &pods[1]);
    let process = deploy(command).expect("its deploy runs");
    kill_process(process, Signal::KILL).unwrap();
    for (one, why) in [
        (command, "signal: 9"),
        (pod, "is not ready"),
        (job, "is not ready: it is no longer there"),
    ] {
        let reason = reason(&server.failed(&one.commit));
        assert!(reason.contains(why), "{}: {reason}", one.branch);
        assert!(
            one.branch == "command" || reason.contains("Job/shop-migrate-"),
            "{reason}"
        );
    }

    // Nobody keeps it while its job goes, by whatever was under way or by hand: whoever does next begins anew.
    server.kill();
    yard.delete(away, "job", JOB);
    for one in &all {
        yard.script(one, JOB, Behaviour::exits(0, ""));
    }
    let mut server = yard.start();
    server.running(&away.commit);
    for one in [job, pod, command] {
        yard.say("reset", one);
        server.running(&one.commit);
    }

    // T35: the repository is watched no more.
    let text = std::fs::read_to_string(yard.forge.file()).unwrap();
    let text = text.replace("name = \"shop.git\"", "name = \"other.git\"");
    std::fs::write(yard.forge.file(), text).unwrap();
    server.reload();
    wait_for("all of it to go", 120, || {
        namespaces(cluster, yard.prefix).is_empty().then_some(())
    });
    server.end();
}

/// T34: somebody has removed its image from the registry while it slept.
#[test]
fn an_image_that_somebody_removed_is_told_and_comes_back_with_a_reset() {
    let Some(cluster) = Cluster::scripted() else {
        return;
    };
    let Some(yard) = Yard::new(cluster, "imageless") else {
        return;
    };
    let mut server = yard.start();
    let one = yard.begun(&mut server, "main");
    server.running(&one.commit);
    yard.say("stop", &one);
    server.phase(&one.commit, "stopping");
    server.phase(&one.commit, "asleep");
    let images = yard.registry.home.path().join("data/docker/registry/v2");
    let images = images.join("repositories/previews/shop/app/_manifests");
    std::fs::remove_dir_all(&images).unwrap();
    yard.script(&one, "shop-web", Behaviour::no_image("manifest unknown"));
    yard.say("start", &one);
    let reason = reason(&server.failed(&one.commit));
    for part in ["Deployment/shop-web is not ready", "manifest unknown"] {
        assert!(reason.contains(part), "no {part:?} in {reason}");
    }
    let awake = yard.there(&one, "deployments");
    assert_eq!(
        awake[0]["spec"]["replicas"], 0,
        "nothing of it is left to run"
    );

    let log = String::new();
    yard.script(&one, "shop-web", Behaviour::Ready { log });
    yard.say("reset", &one);
    server.running(&one.commit);
    assert!(images.is_dir(), "it was pushed again");
    server.end();
}
