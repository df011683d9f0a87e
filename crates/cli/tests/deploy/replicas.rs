//! Two servers of one prefix: one acts, whatever becomes of it, and nothing is done twice.

use std::path::Path;

use boatyard_kubetest::{Cluster, Detour};
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::distribution::Registry;
use crate::previewed::{get, namespaces};
use crate::scenario::Forge;
use crate::server::Server;
use crate::support::{busybox, new_home, not_run, wait_for};

const PREFIX: &str = "pair";

/// A server that can be cut off from the cluster.
pub struct Replica {
    pub home: tempfile::TempDir,
    kubeconfig: String,
    pub detour: Detour,
    pub server: Option<Server>,
    /// What was told by those that were killed.
    before: Vec<(String, String, String)>,
}

impl Replica {
    pub fn new(cluster: &Cluster) -> Self {
        let (home, detour) = (new_home(), cluster.detour());
        let kubeconfig = home.path().join("kubeconfig");
        std::fs::copy(cluster.kubeconfig(), &kubeconfig).unwrap();
        let url = detour.config().cluster_url.to_string();
        let replica = Self {
            kubeconfig: kubeconfig.display().to_string(),
            home,
            detour,
            server: None,
            before: Vec::new(),
        };
        replica.over(&url);
        replica
    }

    /// It reaches the cluster there, as soon as it begins.
    pub fn over(&self, url: &str) {
        let text = std::fs::read_to_string(&self.kubeconfig).unwrap();
        let mut config: Value = serde_json::from_str(&text).unwrap();
        config["clusters"][0]["cluster"]["server"] = json!(url);
        std::fs::write(&self.kubeconfig, config.to_string()).unwrap();
    }

    /// Starts it with the configuration in `file`.
    pub fn begin(&mut self, file: &Path) -> &mut Server {
        let variables = [("KUBECONFIG", self.kubeconfig.clone())];
        let server = Server::begin(self.home.path(), file, &variables);
        self.server.insert(server)
    }

    pub fn server(&mut self) -> &mut Server {
        self.server.as_mut().unwrap()
    }

    pub fn kill(&mut self) {
        let server = self.server.take().unwrap();
        self.before.extend(server.trace());
        server.kill();
    }

    /// How often it was told that a commit is being prepared.
    fn prepared(&self, commit: &str) -> usize {
        let now = self.server.iter().flat_map(Server::trace);
        let all = self.before.iter().cloned().chain(now);
        let mut trace: Vec<_> = all.filter(|(_, of, _)| of == commit).collect();
        trace.dedup();
        let preparing = |(.., phase): &&(String, String, String)| phase == "preparing";
        trace.iter().filter(preparing).count()
    }
}

/// What tells whether anything was done again: the namespace, its job, and how often its Deployment was changed.
fn done(cluster: &Cluster) -> Vec<Value> {
    let mut all = Vec::new();
    for namespace in namespaces(cluster, PREFIX) {
        let name = namespace["metadata"]["name"].as_str().unwrap();
        all.push(namespace["metadata"]["uid"].clone());
        let there = get(cluster, &["-n", name, "jobs,deployments"]);
        for one in there["items"].as_array().unwrap() {
            let about = &one["metadata"];
            all.push(json!([about["name"], about["uid"], about["generation"]]));
        }
    }
    all
}

/// Names of the namespaces.
fn there(cluster: &Cluster) -> usize {
    namespaces(cluster, PREFIX).len()
}

/// What the configuration of a server says of the cluster, where another one leads soon after it is gone.
pub fn led(registry: &Registry, prefix: &str) -> String {
    format!(
        "[cluster]\nregistry = \"127.0.0.1:{}/previews\"\nprefix = \"{prefix}\"\n\
         [cluster.lease]\nlasts = \"6s\"\nnamespace = \"default\"\n",
        registry.port
    )
}

#[test]
fn of_two_servers_one_acts_and_nothing_is_done_twice() {
    let Some(cluster) = Cluster::scripted() else {
        return;
    };
    let Some(registry) = Registry::start("previews by two servers", false) else {
        return;
    };
    let Some(busybox) = busybox() else {
        return not_run("there is no static busybox");
    };
    let forge = Forge::new(&busybox, &led(&registry, PREFIX));
    let file = forge.file();
    let (mut ann, mut ben) = (Replica::new(cluster), Replica::new(cluster));

    // The first acts; the second says so, and hands on what comes.
    ann.begin(&file).leads();
    let leader = ben.begin(&file).stands_by();
    assert!(leader.contains("(process "), "{leader}");
    let first = forge.commit("main", "first");
    ann.server().running(&first);
    let own = ben.server().own();
    assert_eq!(own.get("/healthz"), (200, "ok\n".to_owned()));
    assert_eq!(
        own.get("/readyz"),
        (200, format!("stands by; {leader} leads\n"))
    );
    let (status, listing) = own.get("/api/environments");
    assert!(
        status == 200 && listing.contains(&first),
        "{status} {listing}"
    );
    assert_eq!(
        ben.server().hook("/hooks/here", "", "{}"),
        ann.server().hook("/hooks/here", "", "{}")
    );

    // It is killed: the other one takes over what is there, as it is.
    let before = done(cluster);
    ann.kill();
    ben.server().leads();
    let (_, listing) = ben.server().own().get("/api/environments");
    assert!(
        listing.contains(&first) && listing.contains("\"phase\":\"running\""),
        "{listing}"
    );
    assert_eq!(done(cluster), before);
    ann.begin(&file).stands_by();
    let second = forge.commit("main", "second");
    ben.server().running(&second);
    ben.server().gone(&first, "main");

    // It is stopped for longer than its lease, and goes on: it does nothing more. Who has led before knows nothing of then.
    let before = done(cluster);
    ben.server().signal(Signal::STOP);
    ann.server().leads();
    let (_, listing) = ann.server().own().get("/api/environments");
    assert!(
        listing.contains(&second) && !listing.contains(&first),
        "{listing}"
    );
    let third = forge.commit("other", "third");
    ben.server().signal(Signal::CONT);
    ben.server().loses();
    ben.server().stands_by();
    ann.server().running(&third);
    let after = done(cluster);
    assert!(
        before.iter().all(|one| after.contains(one)),
        "{before:?} {after:?}"
    );

    // It is cut off: it does nothing more, before the other one begins.
    ann.detour.lose();
    ann.server().loses();
    ben.server().leads();
    let (status, said) = ann.server().own().get("/readyz");
    assert_eq!(status, 503, "{said}");
    let (status, _) = ann.server().own().get("/api/environments");
    assert_eq!(status, 503);
    ann.detour.pass();
    ann.detour.close();
    ann.server().stands_by();

    for commit in [&first, &second, &third] {
        assert_eq!(ann.prepared(commit) + ben.prepared(commit), 1, "{commit}");
    }

    // Who ends lets the other one have it at once; it removes what is closed meanwhile.
    ben.server.take().unwrap().end();
    ann.server().leads();
    for branch in ["main", "other"] {
        forge.delete(branch);
    }
    wait_for("all namespaces to go", 60, || {
        (there(cluster) == 0).then_some(())
    });
    ann.server.take().unwrap().end();
}
