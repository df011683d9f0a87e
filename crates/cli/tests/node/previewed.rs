//! `boatyard serve` whose environments are pods: a pull request from its first commit to nothing left.

use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};

use crate::checkout::{Checkout, git};
use crate::server::{Address, Server};
use crate::shop::Shop;
use crate::snapshots;
use crate::support::{alone, boatyard, copy_folder, not_run, root, succeed, wait_for};

/// What the server calls itself on the cluster.
const PREFIX: &str = "story";
/// The only pull request.
const NUMBER: u64 = 5;
/// Longer than an environment takes to wake.
const PATIENCE: u64 = 180;

/// A repository with the guestbook, and the configuration that watches it.
struct Yard {
    folder: tempfile::TempDir,
    clone: Checkout,
    registry: &'static str,
}

impl Yard {
    fn new(registry: &'static str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let words = ["init", "--quiet", "--bare", "-b", "main", "guestbook.git"];
        git(folder.path(), &words);
        let bare = folder.path().join("guestbook.git");
        let clone = Checkout::new(folder.path().join("clone"), bare.to_str().unwrap());
        copy_folder(&root().join("examples/guestbook"), clone.folder());
        // The other roles are shown by the other stories.
        let file = clone.folder().join("boatyard.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, text + "[preview]\nroles = [\"web\"]\n").unwrap();
        clone.push("main", "The guestbook");
        let yard = Self {
            folder,
            clone,
            registry,
        };
        yard.idle("1h");
        yard
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("serve.toml")
    }

    /// Writes the file: environments without use for that long go to sleep.
    fn idle(&self, idle: &str) {
        let (folder, registry) = (self.folder.path().display(), self.registry);
        let text = format!(
            "[times]\nsettle = \"0s\"\nidle = \"{idle}\"\nnoted = \"1s\"\nhold = \"20s\"\n\
             [cluster]\nregistry = \"{registry}/previews\"\nprefix = \"{PREFIX}\"\n\
             [forge.here]\nkind = \"generic\"\nurl = \"file://{folder}\"\nunsigned = true\n\
             [[repository]]\nname = \"guestbook.git\"\nbranches = \"none/*\"\nstarts = true\n"
        );
        std::fs::write(self.file(), text).unwrap();
    }

    /// A commit whose page says `word`: pushed, and the server is told of it. The commit.
    fn push(&self, server: &Server, word: &str) -> String {
        self.clone.say(word);
        let commit = self.clone.push("till", word);
        let reference = format!("+HEAD:refs/pull/{NUMBER}/head");
        self.clone.git(&["push", "--quiet", "origin", &reference]);
        tell(server, &json!({"commit": commit, "trusted": true}));
        commit
    }
}

/// Tells the server of the pull request.
fn tell(server: &Server, news: &Value) {
    let mut news = news.clone();
    news["repository"] = json!("guestbook.git");
    news["pull-request"] = json!(NUMBER);
    let json = "Content-Type: application/json\r\n";
    let status = server.hook("/hooks/here", json, &news.to_string());
    assert!((200..300).contains(&status), "{status}");
}

/// What is on the cluster of this server's environments.
struct There<'a>(&'a Shop);

impl There<'_> {
    fn get(&self, words: &[&str]) -> Vec<Value> {
        let words = [&["get", "-o", "json"], words].concat();
        let found: Value = serde_json::from_str(&self.0.kubectl(&words)).unwrap();
        found["items"].as_array().unwrap().clone()
    }

    /// Its namespaces, and how far each is by the label that `kubectl get -L` shows.
    fn namespaces(&self) -> Vec<(String, String)> {
        let label = format!("boatyard.dev/server={PREFIX}");
        let all = self.get(&["namespaces", "-l", &label]);
        let phase = |one: &Value| {
            one["metadata"]["labels"]["boatyard.dev/phase"]
                .as_str()
                .unwrap()
                .to_owned()
        };
        all.iter().map(|one| (name(one), phase(one))).collect()
    }

    /// Waits until it was told of the namespace that this happened.
    fn told(&self, namespace: &str, reason: &str) {
        wait_for(&format!("{reason} to be told"), 60, || {
            let all = self.get(&["-n", namespace, "events.events.k8s.io"]);
            let ours = all
                .iter()
                .filter(|one| one["reportingController"] == "boatyard.dev/serve");
            let mut reasons = ours.map(|one| one["reason"].clone());
            reasons.any(|one| one == reason).then_some(())
        });
    }

    /// Pods that run or are to run, by the node.
    fn pods(&self, namespace: &str) -> Vec<String> {
        let all = self.get(&["-n", namespace, "pods"]);
        let ended = |pod: &&Value| pod["status"]["phase"] != "Succeeded";
        all.iter().filter(ended).map(name).collect()
    }

    /// Volumes that were given for this story and that a claim holds.
    fn bound(&self) -> Vec<String> {
        let all = self.get(&["persistentvolumes"]);
        let ours = all
            .iter()
            .filter(|one| name(one).starts_with(PREFIX) && one["status"]["phase"] == "Bound");
        ours.map(name).collect()
    }
}

fn name(object: &Value) -> String {
    object["metadata"]["name"].as_str().unwrap().to_owned()
}

/// What the guestbook has, once it answers.
fn entries(page: &Address) -> String {
    wait_for("the entries", PATIENCE, || {
        let (status, entries) = page.get("/api/entries");
        (status == 200).then_some(entries)
    })
}

#[test]
fn a_pull_request_becomes_pods_and_nothing_is_left() {
    let _alone = alone();
    let Some(shop) = Shop::open() else { return };
    if Command::new("git").arg("--version").output().is_err() {
        return not_run("git is not installed");
    }
    let _inside = shop.cluster.enter();
    let (home, there) = (shop.home(), There(shop));
    let _ = std::fs::remove_dir_all(home.join("serve"));
    // Of an environment that nobody knows.
    let image = |words: &[&str]| succeed(boatyard(home, home).arg("image").args(words));
    let of_shop = format!("{}/guestbook/app:k8s-latest", shop.cluster.registry());
    let previews = format!("{}/previews/guestbook/app", shop.cluster.registry());
    image(&[
        "tag",
        &of_shop,
        &format!("{previews}:k8s-preview_bbbbbbbbbbbbbbbb"),
    ]);
    // A database and a queue for each of two commits.
    shop.give_volumes(PREFIX, 4);
    let yard = Yard::new(shop.cluster.registry());
    let kubeconfig = shop.cluster.kubeconfig().display().to_string();
    let mut server = Server::start(home, &yard.file(), &[("KUBECONFIG", kubeconfig)]);

    // It is opened: its page is that of pods, with a database of its own.
    let first = yard.push(&server, "first");
    let page = server.running(&first);
    assert!(page.get("/").1.contains("first"));
    assert_eq!(page.post("name=Ada&message=of+the+first"), 303);
    assert!(entries(&page).contains("of the first"));

    // A push takes its place.
    let second = yard.push(&server, "second");
    // As it was prepared.
    server.phase(&second, "asleep");
    let page = server.running(&second);
    server.gone(&first, &format!("#{NUMBER}"));
    let (status, body) = page.get("/");
    assert_eq!((status, body.contains("second")), (200, true), "{body}");
    assert_eq!(entries(&page).trim(), r#"{"entries":[]}"#);
    assert_eq!(page.post("name=Eve&message=of+main"), 303);
    let namespaces = there.namespaces();
    let [(namespace, phase)] = namespaces.as_slice() else {
        panic!("one environment: {namespaces:?}");
    };
    assert_eq!(phase, "running");
    assert!(!there.pods(namespace).is_empty());
    there.told(namespace, "Prepared");
    there.told(namespace, "Started");

    // Without use it sleeps: no pod is left. A request wakes it, with what it had.
    yard.idle("2s");
    server.reload();
    server.phase(&second, "asleep");
    assert_eq!(there.pods(namespace), Vec::<String>::new());
    there.told(namespace, "Stopped");
    yard.idle("1h");
    server.reload();
    assert!(entries(&page).contains("of main"));

    // What it has is kept, and gone back to.
    snapshots::kept_and_gone_back_to(home, &page, |_, source, words| {
        let mut command = boatyard(home, source);
        let place = ["exec", "--context", "kubetest", "--namespace", namespace];
        command.args(place).args(["redis", "--"]).args(words);
        command.env("KUBECONFIG", shop.cluster.kubeconfig());
        command
    });

    // It is closed, and nothing is left: on the cluster, of images, of sources.
    tell(&server, &json!({"closed": true}));
    server.gone(&second, &format!("#{NUMBER}"));
    server.end();
    assert_eq!(there.namespaces(), []);
    assert_eq!(there.bound(), Vec::<String>::new());
    let listing = image(&["ls", "--json"]);
    let images = listing
        .lines()
        .filter(|line| line.contains("previews/guestbook"));
    // Those of backing services are the same for all.
    let left: Vec<&str> = images.filter(|line| !line.contains(":bookworm")).collect();
    assert_eq!(left, [""; 0], "{listing}");
    let mut sources = home.join("serve/environment").read_dir().unwrap();
    assert!(sources.next().is_none());
    std::fs::remove_dir_all(home.join("serve")).unwrap();
}
