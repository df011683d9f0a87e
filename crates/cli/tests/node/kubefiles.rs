//! `boatyard serve` with environments that are made by kubefiles, on a node that runs them: what runboat has begun, and what comes later.

use std::fs;
use std::path::{Path, PathBuf};

use boatyard_kubetest::Namespace;
use serde_json::Value;

use crate::checkout::{Checkout, git};
use crate::runboat::{kubefiles, table};
use crate::server::{Address, Server};
use crate::shop::Shop;
use crate::support::{alone, boatyard, busybox, not_run, succeed, wait_for};

const PREFIX: &str = "builds";
/// What runboat has called the build that is taken over.
const BUILD: &str = "b-of-before";
/// All that a build may have.
const KINDS: &str = "deployments,services,configmaps,secrets,jobs,pods,persistentvolumeclaims";

/// A repository whose images are pushed by somebody else, and the namespace of all builds.
struct Yard<'a> {
    shop: &'a Shop,
    namespace: Namespace<'a>,
    folder: tempfile::TempDir,
    clone: Checkout,
    files: PathBuf,
}

impl<'a> Yard<'a> {
    fn new(shop: &'a Shop, busybox: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let words = ["init", "--quiet", "--bare", "-b", "main", "shop.git"];
        git(folder.path(), &words);
        let bare = folder.path().join("shop.git");
        let clone = Checkout::new(folder.path().join("clone"), bare.to_str().unwrap());
        let text = "FROM scratch\nCOPY busybox page /\nUSER 65534\n";
        fs::write(clone.folder().join("Dockerfile"), text).unwrap();
        fs::copy(busybox, clone.folder().join("busybox")).unwrap();
        let files = kubefiles(folder.path());
        let yard = Self {
            shop,
            namespace: shop.cluster.namespace(),
            folder,
            clone,
            files,
        };
        yard.idle("1h");
        yard
    }

    fn image(&self, commit: &str) -> String {
        format!("{}/odd:{commit}", self.shop.cluster.registry())
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("serve.toml")
    }

    /// Writes the file: environments without use for that long go to sleep.
    fn idle(&self, idle: &str) {
        let here = self.folder.path().display();
        let namespace = Some(self.namespace.name());
        let table = table(&self.files, PREFIX, namespace, &self.image("{commit}"));
        let text = format!(
            "[times]\nsettle = \"0s\"\nidle = \"{idle}\"\nnoted = \"1s\"\n\
             [forge.here]\nkind = \"git\"\nurl = \"file://{here}\"\npoll = \"5s\"\n\
             [[repository]]\nname = \"shop.git\"\nbranches = \"main\"\nstarts = true\n{table}adopt = true\n"
        );
        fs::write(self.file(), text).unwrap();
    }

    /// A commit whose page says `word`: its image is there, then it is pushed.
    fn commit(&self, word: &str) -> String {
        fs::write(self.clone.folder().join("page"), word).unwrap();
        self.clone.git(&["add", "--all"]);
        let words = ["commit", "--quiet", "--message", word];
        self.clone.git(&words);
        let commit = self.clone.git(&["rev-parse", "HEAD"]).trim().to_owned();
        let (home, context) = (self.shop.home(), self.clone.folder());
        let image = self.image(&commit);
        succeed(boatyard(home, context).args(["build", "-t", &image, "."]));
        succeed(boatyard(home, context).args(["image", "push", &image]));
        self.clone.git(&["push", "--quiet", "origin", "main"]);
        commit
    }

    fn kubectl(&self, words: &[&str]) -> String {
        self.shop
            .kubectl(&[&["-n", self.namespace.name()], words].concat())
    }

    /// What there is of a kind that some build has.
    fn all(&self, kinds: &str) -> Vec<Value> {
        let answer = self.kubectl(&["get", kinds, "-l", "runboat/build", "-o", "json"]);
        let all: Value = serde_json::from_str(&answer).unwrap();
        all["items"].as_array().unwrap().clone()
    }

    /// What runboat does with a commit until it runs.
    fn by_runboat(&self, commit: &str) {
        let deployment = format!("deployment/{BUILD}-web");
        let status = |word: &str| {
            let status = format!("runboat/init-status={word}");
            self.kubectl(&["annotate", "--overwrite", &deployment, &status]);
        };
        self.apply("deployment", commit);
        status("started");
        self.apply("initialize", commit);
        let job = format!("job/{BUILD}-initialize");
        self.kubectl(&["wait", "--for=condition=complete", "--timeout=120s", &job]);
        status("succeeded");
        self.kubectl(&["scale", "--replicas=1", &deployment]);
        self.kubectl(&["rollout", "status", "--timeout=120s", &deployment]);
    }

    fn apply(&self, mode: &str, commit: &str) {
        let (here, image) = (self.folder.path(), self.image(commit));
        let manifests = here.join(mode);
        let mut command = boatyard(self.shop.home(), here);
        command.args(["render", "kubefiles"]).arg(&self.files);
        command.args(["--name", BUILD, "-n", self.namespace.name()]);
        command.args(["--repository", "shop.git", "--commit", commit]);
        command.args(["--mode", mode, "--image", &image, "--env", "LANG=C"]);
        fs::write(&manifests, succeed(&mut command)).unwrap();
        self.kubectl(&["apply", "-f", manifests.to_str().unwrap()]);
    }

    /// Names and uids of pods that run.
    fn pods(&self) -> Vec<(String, String)> {
        let all = self.all("pods");
        let running = all.iter().filter(|one| one["status"]["phase"] == "Running");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let name = |one: &Value| {
            (
                text(&one["metadata"]["name"]),
                text(&one["metadata"]["uid"]),
            )
        };
        running.map(name).collect()
    }
}

/// The page, once it answers.
fn shown(page: &Address) -> String {
    wait_for("the page", 60, || {
        let (status, text) = page.get("/index.html");
        (status == 200).then_some(text)
    })
}

/// The address of the only environment.
fn address(home: &Path, server: &Server) -> Address {
    let listing = succeed(boatyard(home, home).args(["preview", "ls", "--json"]));
    let listing: Value = serde_json::from_str(&listing).unwrap();
    let all = listing["environments"].as_array().unwrap();
    let [one] = all.as_slice() else {
        panic!("one environment: {listing}");
    };
    server.at(one["url"].as_str().unwrap())
}

#[test]
fn a_build_of_runboat_goes_on_and_the_next_takes_its_place() {
    let _alone = alone();
    let Some(busybox) = busybox() else {
        return not_run("there is no static busybox");
    };
    let Some(shop) = Shop::open() else { return };
    let _inside = shop.cluster.enter();
    let home = shop.home();
    let _ = fs::remove_dir_all(home.join("serve"));
    shop.give_volumes(PREFIX, 2);
    let yard = Yard::new(shop, &busybox);
    let first = yard.commit("first");
    yard.by_runboat(&first);
    let before = yard.pods();
    assert_eq!(before.len(), 1, "{before:?}");

    // Taken over as it runs: the same pod, at an address of ours.
    let variables = [(
        "KUBECONFIG",
        shop.cluster.kubeconfig().display().to_string(),
    )];
    let mut server = Server::start(home, &yard.file(), &variables);
    assert_eq!(shown(&address(home, &server)), "first");
    assert_eq!(yard.pods(), before);

    // A push: set up by a job of its own, with a volume of its own, and what was there is cleaned up.
    let second = yard.commit("second");
    let page = server.running(&second);
    let id = server.gone(&first, "main");
    assert_eq!(shown(&page), "second");
    let said = log(home, &id, "run");
    assert!(said.contains(&format!("cleanup of {BUILD}")), "{said}");
    let of_before = |one: &&Value| one["metadata"]["labels"]["runboat/build"] == BUILD;
    assert_eq!(yard.all(KINDS).iter().find(of_before), None);

    // Without use no pod of it is left; a request wakes it, with what it had.
    yard.idle("2s");
    server.reload();
    server.phase(&second, "asleep");
    wait_for("its pods to go", 60, || {
        yard.pods().is_empty().then_some(())
    });
    yard.idle("1h");
    server.reload();
    assert_eq!(shown(&page), "second");

    // A remote without any branch is taken for one that does not say what it has.
    yard.clone.git(&["push", "--quiet", "origin", "HEAD:trunk"]);
    let bare = yard.folder.path().join("shop.git");
    git(&bare, &["update-ref", "-d", "refs/heads/main"]);
    let id = server.gone(&second, "main");
    for (part, words) in [("prepare", "initialize of b"), ("run", "cleanup of b")] {
        let said = log(home, &id, part);
        assert!(said.contains(&format!("{words}{id}")), "{said}");
    }
    server.end();
    assert_eq!(yard.all(KINDS), Vec::<Value>::new());
    fs::remove_dir_all(home.join("serve")).unwrap();
}

/// What the log of an environment says in that part.
fn log(home: &Path, id: &str, part: &str) -> String {
    let folder = home.join("serve/log").join(id).join(part);
    let parts = folder.read_dir().unwrap().flatten();
    parts
        .map(|part| fs::read_to_string(part.path()).unwrap())
        .collect()
}
