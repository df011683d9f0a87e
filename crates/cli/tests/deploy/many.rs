//! Many environments on a real API server while much goes wrong: it ends as if nothing had. `bench/environments` does it with thousands.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::time::{Duration, Instant};

use boatyard_kubetest::{Cluster, kubectl};
use serde_json::Value;

use crate::checkout::{Checkout, git};
use crate::distribution::Registry;
use crate::previewed::{get, namespaces};
use crate::replicas::Replica;
use crate::support::{boatyard, busybox, not_run, succeed};
use crate::{ours, scenario};

const PREFIX: &str = "many";
const COUNT: usize = 8;
const PREPARING: usize = 3;
const RUNNING: usize = 3;
/// One after the other, each as soon as so many more are prepared.
const FAULTS: &[&str] = &["kill", "jobs", "forget", "cut", "pods", "namespaces"];
const PATIENCE: Duration = Duration::from_secs(300);

/// A server, its repository with a branch for each environment, and the cluster.
struct Fleet<'a> {
    cluster: &'a Cluster,
    folder: tempfile::TempDir,
    replica: Replica,
    /// The branch that each id shows.
    branches: BTreeMap<String, String>,
}

/// The phase of each branch.
type Phases = BTreeMap<String, String>;

impl Fleet<'_> {
    /// What the server says; none: it does not lead.
    fn phases(&mut self) -> Option<Phases> {
        let (status, listing) = self
            .replica
            .server()
            .own()
            .get("/api/environments?limit=500");
        let all: Value = serde_json::from_str(&listing)
            .ok()
            .filter(|_| status == 200)?;
        let mut phases = Phases::new();
        for one in all["environments"].as_array()? {
            let text = |name: &str| one[name].as_str().unwrap().to_owned();
            self.branches.insert(text("id"), text("branch"));
            phases.insert(text("branch"), text("phase"));
        }
        Some(phases)
    }

    /// What the cluster says: of how many nothing was exceeded.
    fn there(&self) -> Phases {
        let mut phases = Phases::new();
        for one in namespaces(self.cluster, PREFIX) {
            let labels = &one["metadata"]["labels"];
            let id = labels["boatyard.dev/environment"].as_str().unwrap();
            let branch = self.branches.get(id).map_or(id, String::as_str);
            phases.insert(
                branch.to_owned(),
                labels["boatyard.dev/phase"].as_str().unwrap().to_owned(),
            );
        }
        let count = |meant: &[&str]| {
            phases
                .values()
                .filter(|one| meant.contains(&one.as_str()))
                .count()
        };
        assert!(count(&["preparing"]) <= PREPARING, "{phases:?}");
        assert!(
            count(&["starting", "running", "stopping"]) <= RUNNING,
            "{phases:?}"
        );
        phases
    }

    /// Namespaces in which something is to run.
    fn awake(&self) -> BTreeSet<String> {
        let all = get(self.cluster, &["deployments", "--all-namespaces"]);
        let items = all["items"].as_array().unwrap().iter();
        let awake = items.filter(|one| one["spec"]["replicas"] != 0);
        let names = awake.map(|one| one["metadata"]["namespace"].as_str().unwrap().to_owned());
        names
            .filter(|name| name.starts_with(&format!("{PREFIX}-")))
            .collect()
    }

    /// Waits until all is as it is to be, with these accidents on the way; what they have spoilt is asked for again.
    fn until(&mut self, wanted: &Phases, faults: &[&str]) {
        let begin = Instant::now();
        let mut faults = faults.iter().enumerate().peekable();
        loop {
            self.there();
            let Some(now) = self.phases() else {
                continue;
            };
            let done = wanted
                .iter()
                .filter(|(one, phase)| now.get(*one) == Some(phase))
                .count();
            if let Some((_, fault)) =
                faults.next_if(|(turn, _)| done * (FAULTS.len() + 1) >= turn * wanted.len())
            {
                println!("fault: {fault}");
                self.suffer(fault);
            } else if now == *wanted {
                return;
            }
            assert!(
                begin.elapsed() < PATIENCE,
                "{now:?}, and is to be {wanted:?}"
            );
            for (id, branch) in &self.branches {
                let phase = now.get(branch).map(String::as_str);
                match (phase, wanted.get(branch).map(String::as_str)) {
                    (Some("failed"), Some(_)) => self.ask("reset", id),
                    (Some("asleep"), Some("running")) => self.ask("start", id),
                    _ => {}
                }
            }
        }
    }

    /// What cannot be done just now is asked for the next time.
    fn ask(&self, verb: &str, id: &str) {
        let home = self.replica.home.path();
        let asked = boatyard(home, home).args(["preview", verb, id]).output();
        asked.unwrap();
    }

    fn suffer(&mut self, fault: &str) {
        match fault {
            "kill" | "forget" => {
                self.replica.kill();
                if fault == "forget" {
                    fs::remove_dir_all(self.replica.home.path().join("serve")).unwrap();
                }
                self.begin();
            }
            "cut" => {
                self.replica.detour.lose();
                self.replica.server().loses();
                self.replica.detour.pass();
                self.replica.detour.close();
                self.replica.server().leads();
            }
            kind => self.delete(kind),
        }
    }

    fn begin(&mut self) {
        let file = self.folder.path().join("serve.toml");
        self.replica.begin(&file).leads();
    }

    /// Removes one of that kind in some environment.
    fn delete(&self, kind: &str) {
        let all = get(self.cluster, &[kind, "--all-namespaces"]);
        let mut found = all["items"].as_array().unwrap().iter().filter_map(|one| {
            let about = &one["metadata"];
            let name = about["name"].as_str()?;
            let namespace = about["namespace"].as_str().unwrap_or(name);
            namespace
                .starts_with(&format!("{PREFIX}-"))
                .then_some([namespace, name])
        });
        if let Some([namespace, name]) = found.next() {
            let words = [
                "-n",
                namespace,
                "delete",
                kind,
                name,
                "--wait=false",
                "--ignore-not-found",
            ];
            ours(&mut kubectl().unwrap(), self.cluster, &words);
        }
    }

    /// What is on this machine of environments that are not there: images, sources.
    fn left(&self) -> Vec<String> {
        let home = self.replica.home.path();
        let listing = succeed(boatyard(home, home).args(["image", "ls", "--json"]));
        let images: Value = serde_json::from_str(&listing).unwrap();
        let names = images.as_array().unwrap().iter();
        let copies = names.filter_map(|one| {
            Some(
                one["reference"]
                    .as_str()?
                    .split_once("preview_")?
                    .1
                    .to_owned(),
            )
        });
        // A home that was lost late has none.
        let folders = fs::read_dir(home.join("serve/environment")).into_iter();
        let sources = folders
            .flatten()
            .map(|one| one.unwrap().file_name().into_string().unwrap());
        let there: BTreeSet<String> = namespaces(self.cluster, PREFIX)
            .iter()
            .map(|one| {
                one["metadata"]["labels"]["boatyard.dev/environment"]
                    .as_str()
                    .unwrap()
                    .to_owned()
            })
            .collect();
        copies
            .chain(sources)
            .filter(|id| !there.contains(id))
            .collect()
    }
}

fn fleet<'a>(cluster: &'a Cluster, registry: &Registry, busybox: &std::path::Path) -> Fleet<'a> {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    git(
        folder.path(),
        &["init", "--quiet", "--bare", "-b", "trunk", "shop.git"],
    );
    let bare = folder.path().join("shop.git");
    let clone = Checkout::new(folder.path().join("clone"), bare.to_str().unwrap());
    for name in ["bin", "www"] {
        fs::create_dir(clone.folder().join(name)).unwrap();
    }
    fs::copy(busybox, clone.folder().join("bin/busybox")).unwrap();
    fs::write(clone.folder().join("www/index.html"), "here").unwrap();
    fs::write(clone.folder().join("boatyard.toml"), scenario::PROJECT).unwrap();
    clone.push("trunk", "trunk");
    for branch in branches() {
        // Not in the image: it is built once.
        fs::write(clone.folder().join("note"), &branch).unwrap();
        clone.push(&branch, &branch);
    }
    let text = format!(
        "[limits]\npreparing = {PREPARING}\nrunning = {RUNNING}\nkept = 1000\n\
         [times]\nsettle = \"0s\"\nidle = \"never\"\nresidence = \"0s\"\nback-off = \"1s\"\n\
         [cluster]\nregistry = \"127.0.0.1:{}/previews\"\nprefix = \"{PREFIX}\"\n\
         [cluster.lease]\nlasts = \"5s\"\nnamespace = \"default\"\n\
         [forge.here]\nkind = \"git\"\nurl = \"file://{}\"\npoll = \"5s\"\n\
         [[repository]]\nname = \"shop.git\"\nbranches = [\"**\", \"!trunk\"]\ndata = \"fresh\"\n",
        registry.port,
        folder.path().display()
    );
    fs::write(folder.path().join("serve.toml"), text).unwrap();
    Fleet {
        cluster,
        folder,
        replica: Replica::new(cluster),
        branches: BTreeMap::new(),
    }
}

fn branches() -> impl Iterator<Item = String> {
    (0..COUNT).map(|number| format!("branch-{number:02}"))
}

fn all(phase: &str) -> Phases {
    branches()
        .map(|branch| (branch, phase.to_owned()))
        .collect()
}

#[test]
fn many_end_as_if_nothing_had_gone_wrong() {
    let Some(cluster) = Cluster::scripted() else {
        return;
    };
    let Some(registry) = Registry::start("many previews", false) else {
        return;
    };
    let Some(busybox) = busybox() else {
        return not_run("there is no static busybox");
    };
    let mut fleet = fleet(cluster, &registry, &busybox);
    fleet.begin();
    fleet.until(&all("asleep"), FAULTS);

    let mut wanted = all("asleep");
    for phase in wanted.values_mut().skip(1).take(RUNNING) {
        "running".clone_into(phase);
    }
    fleet.until(&wanted, &["pods", "forget"]);

    let closed: Vec<String> = branches().step_by(3).collect();
    for branch in &closed {
        let name = format!("refs/heads/{branch}");
        git(
            &fleet.folder.path().join("shop.git"),
            &["update-ref", "-d", &name],
        );
        wanted.remove(branch);
    }
    fleet.until(&wanted, &["kill"]);
    // What it finds when it begins again is what it goes by: nothing else is left.
    fleet.suffer("kill");
    fleet.until(&wanted, &[]);
    assert_eq!(fleet.there(), wanted);
    let running = wanted.values().filter(|phase| *phase == "running").count();
    assert_eq!(fleet.awake().len(), running);
    crate::support::wait_for("nothing to be left", 60, || {
        fleet.left().is_empty().then_some(())
    });
    fleet.replica.server.take().unwrap().end();
    for one in namespaces(cluster, PREFIX) {
        let name = one["metadata"]["name"].as_str().unwrap();
        let words = ["delete", "namespace", name, "--wait=false"];
        ours(&mut kubectl().unwrap(), cluster, &words);
    }
}
