//! The server of the previews as pods: a pull request is built in another pod, runs, sleeps, wakes and goes, while the server itself
//! is replaced.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::checkout::{Checkout, git};
use crate::harbour::Harbour;
use crate::leaf;
use crate::server::Address;
use crate::shop::Shop;
use crate::support::{alone, not_run, wait_for};

/// What the server calls itself on the cluster.
const PREFIX: &str = "moored";
const DOMAIN: &str = "preview.localhost";
/// Who may put environments to sleep.
const TOKEN: &str = "the operator's own";
/// Where repositories are served, in the node's network.
const GIT: (&str, &str) = ("10.99.0.1", "9418");
/// Longer than anything takes here: images are pulled, one is built.
const PATIENCE: u64 = 300;

/// A repository that pods can fetch from.
struct Repository {
    _folder: tempfile::TempDir,
    clone: Checkout,
    daemon: Child,
}

impl Repository {
    /// In the network of this thread.
    fn new(registry: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        git(
            folder.path(),
            &["init", "--quiet", "--bare", "-b", "main", "leaf.git"],
        );
        let bare = folder.path().join("leaf.git");
        let clone = Checkout::new(folder.path().join("clone"), bare.to_str().unwrap());
        leaf::write(clone.folder(), registry);
        clone.push("main", "A leaf");
        let place = git(folder.path(), &["--exec-path"]);
        let daemon = Command::new(format!("{}/git-daemon", place.trim()))
            .arg(format!("--base-path={}", folder.path().display()))
            .args(["--export-all", "--reuseaddr"])
            .arg(format!("--listen={}", GIT.0))
            .arg(format!("--port={}", GIT.1))
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        Self {
            _folder: folder,
            clone,
            daemon,
        }
    }

    /// A commit of the pull request whose page says `word`.
    fn push(&self, word: &str) -> String {
        leaf::say(self.clone.folder(), word);
        let commit = self.clone.push("till", word);
        self.clone
            .git(&["push", "--quiet", "origin", "+HEAD:refs/pull/5/head"]);
        commit
    }
}

impl Drop for Repository {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

fn configuration(registry: &str, builders: &str) -> String {
    let digest = Sha256::digest(TOKEN.as_bytes());
    let digest = digest.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes all");
        text
    });
    let (host, port) = GIT;
    format!(
        "[server]\ndomain = \"{DOMAIN}\"\n\
         [times]\nsettle = \"0s\"\nnoted = \"1s\"\nhold = \"30s\"\n\
         [cluster]\nregistry = \"{registry}/previews\"\nprefix = \"{PREFIX}\"\nreach = \"service\"\n\
         [cluster.builder]\nnamespace = \"{builders}\"\ncpu = \"100m\"\nmemory = \"512Mi\"\n\
         [[access.token]]\nname = \"story\"\nsha256 = \"{digest}\"\nscopes = [\"operate\"]\n\
         [forge.here]\nkind = \"generic\"\nurl = \"git://{host}:{port}\"\nunsigned = true\n\
         [[repository]]\nname = \"leaf.git\"\nbranches = \"none/*\"\nstarts = true\n"
    )
}

/// The server, through its Service.
struct Server(String);

impl Server {
    fn own(&self) -> Address {
        Address::of(&self.0, &self.0)
    }

    fn tell(&self, news: &Value) {
        let mut news = news.clone();
        news["repository"] = json!("leaf.git");
        news["pull-request"] = json!(5);
        let json = "Content-Type: application/json\r\n";
        wait_for("the server to take a hook", 60, || {
            let (status, _) = self.own().ask("POST /hooks/here", json, &news.to_string());
            (200..300).contains(&status).then_some(())
        });
    }

    /// All there are; none: nobody leads at this moment.
    fn environments(&self) -> Option<Vec<Value>> {
        let (status, body) = self.own().get("/api/environments");
        let said: Value = serde_json::from_str(&body).unwrap_or_default();
        (status == 200).then(|| said["environments"].as_array().unwrap().clone())
    }

    /// Waits until the environment of a commit gets to that phase.
    fn phase(&self, commit: &str, phase: &str) -> Value {
        wait_for(&format!("{commit} to be {phase}"), PATIENCE, || {
            let all = self.environments()?;
            let mut ours = all.into_iter().filter(|one| one["commit"] == commit);
            let found = ours.next()?;
            assert!(found["phase"] != "failed", "{found}");
            (found["phase"] == phase).then_some(found)
        })
    }

    fn act(&self, environment: &Value, action: &str) {
        let id = environment["id"].as_str().unwrap();
        let headers = format!("Authorization: Bearer {TOKEN}\r\n");
        let what = format!("POST /api/environments/{id}/{action}");
        let (status, body) = self.own().ask(&what, &headers, "");
        assert!((200..300).contains(&status), "{body}");
    }
}

/// Somebody who asks for a page again and again.
struct Guest {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Seen>,
}

/// What was answered: a connection that breaks is none, and ends the test.
#[derive(Debug, Default)]
struct Seen {
    /// As it should be.
    well: u32,
    /// Anything else.
    other: Vec<String>,
}

impl Guest {
    /// In the network of this thread.
    fn begin(page: Address, word: &'static str) -> Self {
        let stop = Arc::<AtomicBool>::default();
        let seen = Arc::clone(&stop);
        let end = Instant::now() + Duration::from_secs(PATIENCE);
        let thread = thread::spawn(move || {
            let mut all = Seen::default();
            while !seen.load(Ordering::Relaxed) && Instant::now() < end {
                let (status, body) = page.get("/");
                match status {
                    200 if body.contains(word) => all.well += 1,
                    _ => all.other.push(format!("{status} {body}")),
                }
                thread::sleep(Duration::from_millis(50));
            }
            all
        });
        Self { stop, thread }
    }

    fn end(self) -> Seen {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}

fn pods(shop: &Shop, namespace: &str) -> BTreeSet<String> {
    let names = shop.kubectl(&["-n", namespace, "get", "pods", "-o", "name"]);
    names.lines().map(str::to_owned).collect()
}

#[test]
fn a_server_in_a_pod_builds_in_a_pod() {
    let _alone = alone();
    let Some(shop) = Shop::open() else { return };
    if Command::new("git").arg("--version").output().is_err() {
        return not_run("git is not installed");
    }
    let registry = shop.cluster.registry_of_pods();
    let harbour = Harbour::new(shop, |builders| configuration(registry, builders));
    harbour.build(shop);
    leaf::push_base(shop.cluster, shop.home());
    let enforce = |namespace: &str, level: &str| {
        let level = format!("pod-security.kubernetes.io/enforce={level}");
        shop.kubectl(&["label", "namespace", namespace, &level]);
    };
    enforce(harbour.builders.name(), "baseline");
    let _inside = shop.cluster.enter();
    let repository = Repository::new(registry);
    let namespace = shop.cluster.namespace();
    enforce(namespace.name(), "restricted");
    harbour.deploy(shop, namespace.name());
    let service = "get service boatyard-serve -o jsonpath={.spec.clusterIP}";
    let service: Vec<&str> = service.split(' ').collect();
    let address = shop.kubectl(&[&["-n", namespace.name()], &service[..]].concat());
    let server = Server(format!("{address}:8000"));

    // It is opened: built in a pod, pushed, its page comes through the server.
    let first = repository.push("built");
    server.tell(&json!({"commit": first, "trusted": true}));
    let environment = server.phase(&first, "running");
    let host = environment["url"]
        .as_str()
        .unwrap()
        .trim_start_matches("http://");
    let page = || Address::of(&server.0, host.trim_end_matches('/'));
    assert!(page().get("/").1.contains("built"));
    let builders = pods(shop, harbour.builders.name());
    assert_eq!(builders.len(), 1, "{builders:?}");

    // It sleeps, and a request wakes it.
    server.act(&environment, "stop");
    server.phase(&first, "asleep");
    wait_for("the page of what slept", PATIENCE, || {
        let (status, body) = page().get("/");
        (status == 200 && body.contains("built")).then_some(())
    });

    // The server is replaced while somebody looks: nothing is built again, and everybody is answered.
    let guest = Guest::begin(page(), "built");
    let before = pods(shop, namespace.name());
    assert_eq!(before.len(), 2, "{before:?}");
    harbour.change("grace = \"30s\"", "grace = \"29s\"");
    harbour.deploy(shop, namespace.name());
    wait_for("those of before to go", PATIENCE, || {
        let now = pods(shop, namespace.name());
        now.is_disjoint(&before).then_some(())
    });
    server.phase(&first, "running");
    let seen = guest.end();
    let id = environment["id"].as_str().unwrap();
    let inside = format!("{PREFIX}-{id}");
    let told = shop.kubectl(&["-n", &inside, "get", "events.events.k8s.io", "-o", "json"]);
    assert_eq!(told.matches("\"Prepared\"").count(), 1, "{told}");
    assert_eq!(seen.other, [""; 0]);
    assert!(seen.well > 0, "nobody looked");

    // It is closed, and nothing is left.
    server.tell(&json!({"closed": true}));
    wait_for("the environment to go", PATIENCE, || {
        server.environments()?.is_empty().then_some(())
    });
    let label = format!("boatyard.dev/server={PREFIX}");
    let left = shop.kubectl(&["get", "namespaces", "-l", &label, "-o", "name"]);
    assert_eq!(left, "");
    // What is in no namespace does not go with it.
    for kind in ["clusterrolebinding", "clusterrole"] {
        let name = format!("{}-boatyard-serve", namespace.name());
        shop.kubectl(&["delete", kind, &name]);
    }
}
