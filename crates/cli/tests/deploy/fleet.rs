//! A server with many environments on a real API server, and what goes wrong with both.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use boatyard_kubetest::{Cluster, kubectl};
use serde_json::Value;

use crate::checkout::{Checkout, git};
use crate::distribution::Registry;
use crate::previewed::{get, namespaces};
use crate::replicas::Replica;
use crate::support::{boatyard, succeed};
use crate::{ours, scenario};

const PREPARING: usize = 3;
/// How many may run.
pub const RUNNING: usize = 3;
const PATIENCE: Duration = Duration::from_secs(300);

/// A server, its repository with a branch for each environment, and the cluster.
pub struct Fleet<'a> {
    cluster: &'a Cluster,
    prefix: &'static str,
    folder: tempfile::TempDir,
    clone: Checkout,
    pub replica: Replica,
    /// The branch that each id shows.
    branches: BTreeMap<String, String>,
    /// How often one that had failed was asked for again.
    pub resets: usize,
}

/// The phase of each branch.
pub type Phases = BTreeMap<String, String>;

impl<'a> Fleet<'a> {
    /// Of so many branches.
    pub fn new(
        cluster: &'a Cluster,
        registry: &Registry,
        busybox: &Path,
        prefix: &'static str,
        count: usize,
    ) -> Self {
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
        let text = format!(
            "[limits]\npreparing = {PREPARING}\nrunning = {RUNNING}\nkept = 1000\n\
             [times]\nsettle = \"0s\"\nidle = \"never\"\nresidence = \"0s\"\nback-off = \"1s\"\n\
             [cluster]\nregistry = \"127.0.0.1:{}/previews\"\nprefix = \"{prefix}\"\n\
             [cluster.lease]\nlasts = \"5s\"\nnamespace = \"default\"\n\
             [forge.here]\nkind = \"git\"\nurl = \"file://{}\"\npoll = \"5s\"\n\
             [[repository]]\nname = \"shop.git\"\nbranches = [\"**\", \"!trunk\"]\ndata = \"fresh\"\n",
            registry.port,
            folder.path().display()
        );
        fs::write(folder.path().join("serve.toml"), text).unwrap();
        let fleet = Self {
            cluster,
            prefix,
            folder,
            clone,
            replica: Replica::new(cluster),
            branches: BTreeMap::new(),
            resets: 0,
        };
        for branch in branches(count) {
            fleet.push(&branch);
        }
        fleet
    }

    /// Begins or changes a branch.
    pub fn push(&self, branch: &str) -> String {
        // Not in the image: it is built once.
        fs::write(self.clone.folder().join("note"), branch).unwrap();
        self.clone.push(branch, branch)
    }

    /// Removes a branch.
    pub fn close(&self, branch: &str) {
        let name = format!("refs/heads/{branch}");
        git(
            &self.folder.path().join("shop.git"),
            &["update-ref", "-d", &name],
        );
    }

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
    pub fn there(&self) -> Phases {
        let mut phases = Phases::new();
        for one in namespaces(self.cluster, self.prefix) {
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
    pub fn awake(&self) -> BTreeSet<String> {
        let all = get(self.cluster, &["deployments", "--all-namespaces"]);
        let items = all["items"].as_array().unwrap().iter();
        let awake = items.filter(|one| one["spec"]["replicas"] != 0);
        let names = awake.map(|one| one["metadata"]["namespace"].as_str().unwrap().to_owned());
        names
            .filter(|name| name.starts_with(&format!("{}-", self.prefix)))
            .collect()
    }

    /// Waits until all is as it is to be, with these accidents on the way; what they have spoilt is asked for again.
    pub fn until(&mut self, wanted: &Phases, faults: &[&str]) {
        let begin = Instant::now();
        let among = faults.len() + 1;
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
                faults.next_if(|(turn, _)| done * (among) >= turn * wanted.len())
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
                    (Some("failed"), Some(_)) => {
                        println!("{branch} had failed: {now:?}");
                        self.resets += 1;
                        self.ask("reset", id);
                    }
                    (Some("asleep"), Some("running")) => self.ask("start", id),
                    (Some("running"), Some("asleep")) => self.ask("stop", id),
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

    pub fn suffer(&mut self, fault: &str) {
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

    pub fn begin(&mut self) {
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
                .starts_with(&format!("{}-", self.prefix))
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
    pub fn left(&self) -> Vec<String> {
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
        let there: BTreeSet<String> = namespaces(self.cluster, self.prefix)
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

    /// Ends the server, and removes what it kept.
    pub fn end(&mut self) {
        self.replica.server.take().unwrap().end();
        for one in namespaces(self.cluster, self.prefix) {
            let name = one["metadata"]["name"].as_str().unwrap();
            let words = ["delete", "namespace", name, "--wait=false"];
            ours(&mut kubectl().unwrap(), self.cluster, &words);
        }
    }
}

/// The names of so many branches.
pub fn branches(count: usize) -> impl Iterator<Item = String> {
    (0..count).map(|number| format!("branch-{number:02}"))
}

/// So many branches, all in that phase.
pub fn all(count: usize, phase: &str) -> Phases {
    branches(count)
        .map(|branch| (branch, phase.to_owned()))
        .collect()
}
