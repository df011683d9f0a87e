//! Environments whose images somebody else makes, and images that go with their environments.

use std::fs;
use std::path::Path;

use boatyard_kubetest::Cluster;
use serde_json::{Value, json};

use crate::checkout::{Checkout, git};
use crate::distribution::Registry;
use crate::previewed::{get, log, namespaces, who_knows_the_way};
use crate::scenario;
use crate::server::Server;
use crate::support::{boatyard, busybox, fail, not_run, succeed, wait_for};

/// A repository of a forge that tells nothing by itself, and a server that watches it.
struct Yard {
    folder: tempfile::TempDir,
    clone: Checkout,
    /// Where the images of a pipeline are.
    place: String,
}

impl Yard {
    /// `more`: what the configuration says of the cluster.
    fn new(cluster: &Cluster, registry: &Registry, busybox: &Path, more: &str) -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let path = folder.path();
        fs::create_dir(path.join("home")).unwrap();
        who_knows_the_way(path, cluster, registry);
        git(
            path,
            &["init", "--quiet", "--bare", "-b", "main", "shop.git"],
        );
        let bare = path.join("shop.git");
        let clone = Checkout::new(path.join("clone"), bare.to_str().unwrap());
        for name in ["bin", "www"] {
            fs::create_dir(clone.folder().join(name)).unwrap();
        }
        fs::copy(busybox, clone.folder().join("bin/busybox")).unwrap();
        let text = format!(
            "[times]\nsettle = \"0s\"\n[cluster]\n{more}\
             [forge.here]\nkind = \"generic\"\nurl = \"file://{}\"\nunsigned = true\n\
             [[repository]]\nname = \"shop.git\"\nbranches = \"*\"\nforks = \"allow\"\nstarts = true\n",
            path.display()
        );
        fs::write(path.join("serve.toml"), text).unwrap();
        let place = format!("127.0.0.1:{}/shop", registry.port);
        Self {
            folder,
            clone,
            place,
        }
    }

    fn home(&self) -> std::path::PathBuf {
        self.folder.path().join("home")
    }

    fn server(&self) -> Server {
        let way = self.folder.path().display().to_string();
        let file = self.folder.path().join("serve.toml");
        Server::start(&self.home(), &file, &[("HOME", way)])
    }

    /// Commits a page, with that role in the project's file, and pushes it to a branch.
    fn commit(&self, branch: &str, word: &str, role: &str) -> String {
        fs::write(self.clone.folder().join("www/index.html"), word).unwrap();
        let project = scenario::PROJECT.replace("role.web", &format!("role.{role}"));
        let project = project.replace("\"web\"", &format!("\"{role}\""));
        let prefix = format!("base = \"scratch\"\nprefix = \"{}\"", self.place);
        let project = project.replace("base = \"scratch\"", &prefix);
        fs::write(self.clone.folder().join("boatyard.toml"), project).unwrap();
        self.clone.push(branch, word)
    }

    /// Our own command, as who may push and pull.
    fn ours(&self, words: &[&str]) -> std::process::Command {
        let mut command = boatyard(&self.folder.path().join("pipeline"), self.clone.folder());
        command.args(words).env("HOME", self.folder.path());
        command
    }

    /// What the forge's pipeline does: it builds what is checked out, and pushes it as the image of that commit.
    fn builds(&self, commit: &str) {
        succeed(&mut self.ours(&["--copy", commit, "build", "--variant", "k8s", "--push"]));
    }

    /// The forge has no such branch any more.
    fn delete(&self, branch: &str) {
        let bare = self.folder.path().join("shop.git");
        git(
            &bare,
            &["update-ref", "-d", &format!("refs/heads/{branch}")],
        );
    }

    fn tell(server: &Server, news: &Value) {
        let mut news = news.clone();
        news["repository"] = json!("shop.git");
        let json = "Content-Type: application/json\r\n";
        assert!(server.hook("/hooks/here", json, &news.to_string()) < 300);
    }

    /// Waits until that is in the log of how an environment was prepared.
    fn says(&self, id: &str, text: &str) {
        let folder = self.home().join("serve/log").join(id).join("prepare");
        wait_for(text, 120, || {
            let said = folder.exists().then(|| log(&self.home(), id, "prepare"));
            said.filter(|said| said.contains(text)).map(drop)
        });
    }
}

/// What runs in a namespace.
fn image(cluster: &Cluster, namespace: &str) -> String {
    let all = get(cluster, &["-n", namespace, "deployments"]);
    let container = &all["items"][0]["spec"]["template"]["spec"]["containers"][0];
    container["image"].as_str().unwrap().to_owned()
}

/// Nothing is built by the server; what is not there yet is waited for, by a word of the pipeline or without one.
#[test]
fn images_of_a_pipeline_are_waited_for_and_deployed_by_their_digests() {
    let Some(cluster) = Cluster::scripted() else {
        return;
    };
    let Some(registry) = Registry::start("images of a pipeline", true) else {
        return;
    };
    let Some(busybox) = busybox() else {
        return not_run("there is no static busybox");
    };
    let names = format!(
        "prefix = \"imaged\"\n[cluster.images]\nname = \"127.0.0.1:{port}/shop/{{service}}:k8s-{{commit}}\"\n\
         strangers = \"127.0.0.1:{port}/forks/{{service}}:k8s-{{commit}}\"\n",
        port = registry.port
    );
    let yard = Yard::new(cluster, &registry, &busybox, &names);
    let commit = yard.commit("main", "first", "web");
    let mut server = yard.server();
    let push = |commit: &str| json!({"branch": "main", "commit": commit, "default": true});
    Yard::tell(&server, &push(&commit));
    let queued = server.phase(&commit, "queued");
    let id = queued["id"].as_str().unwrap().to_owned();
    let missing = format!("has no shop/app:k8s-{commit}");
    yard.says(&id, &missing);
    let (status, page) = server.own().get(&format!("/environments/{id}"));
    assert!(status == 200 && page.contains(&missing), "{page}");
    let ended =
        |outcome: &str| json!({"commit": commit, "pipeline": outcome, "url": "https://ci.test/7"});
    Yard::tell(&server, &ended("failed"));
    yard.says(&id, "a pipeline has failed");
    yard.says(&id, "https://ci.test/7");
    let is_begun = |server: &Server| {
        server
            .trace()
            .iter()
            .any(|(_, _, phase)| phase == "preparing")
    };
    assert!(!is_begun(&server), "{:?}", server.trace());

    yard.builds(&commit);
    Yard::tell(&server, &ended("success"));
    server.phase(&commit, "running");
    let name = format!("{}/app:k8s-{commit}", yard.place);
    let digest = succeed(&mut yard.ours(&["image", "digest", &name]));
    let expected = format!("{}/app@{}", yard.place, digest.trim());
    assert_eq!(image(cluster, &format!("imaged-{id}")), expected);
    let built = succeed(boatyard(&yard.home(), &yard.home()).args(["image", "ls", "--json"]));
    assert_eq!(built.trim(), "[]");

    // The same commit of a stranger: what is trusted is not taken for what he has made, nor the other way round.
    yard.clone
        .git(&["push", "--quiet", "origin", "HEAD:refs/pull/1/head"]);
    Yard::tell(&server, &json!({"pull-request": 1, "commit": commit}));
    let strange = wait_for("the pull request to be queued", 60, || {
        let all = fs::read_dir(yard.home().join("serve/log")).ok()?.flatten();
        let mut ids = all.filter_map(|one| one.file_name().into_string().ok());
        ids.find(|other| *other != id)
    });
    yard.says(&strange, &format!("has no forks/app:k8s-{commit}"));
    Yard::tell(&server, &json!({"pull-request": 1, "closed": true}));

    // An image of other sources under the name of a commit is found out before anything is deployed.
    let other = yard.commit("main", "second", "front");
    let wrong = format!("{}/app:k8s-{other}", yard.place);
    succeed(&mut yard.ours(&["image", "push", &name, &wrong]));
    Yard::tell(&server, &push(&other));
    let said = server.failed(&other);
    let reason = said["environment"]["reason"].as_str().unwrap();
    let expected = "its contract has the roles web, expected front";
    assert!(reason.contains(expected), "{reason}");
    yard.delete("main");
    Yard::tell(&server, &json!({"branch": "main", "closed": true}));
    server.gone(&commit, "main");
    wait_for("the namespaces to go", 120, || {
        namespaces(cluster, "imaged").is_empty().then_some(())
    });
    server.end();
}

/// What was pushed for an environment is in the registry as long as it is, and as long as another one has it, too.
#[test]
fn what_was_pushed_goes_with_its_environment() {
    let Some(cluster) = Cluster::scripted() else {
        return;
    };
    let Some(registry) = Registry::that_deletes("images that go") else {
        return;
    };
    let Some(busybox) = busybox() else {
        return not_run("there is no static busybox");
    };
    let place = format!("127.0.0.1:{}/previews", registry.port);
    let more = format!("prefix = \"goes\"\nregistry = \"{place}\"\n");
    let yard = Yard::new(cluster, &registry, &busybox, &more);
    let mut server = yard.server();
    let mut names = Vec::new();
    // The second and the third are the same image.
    let first = yard.commit("first", "one", "web");
    let second = yard.commit("second", "two", "web");
    yard.clone
        .git(&["push", "--quiet", "origin", "second:third"]);
    for (branch, commit) in [("first", &first), ("second", &second), ("third", &second)] {
        Yard::tell(&server, &json!({"branch": branch, "commit": commit}));
        server.running_at(branch, commit);
        let trace = server.trace();
        let running = trace.iter().rev().find(|(_, _, phase)| phase == "running");
        let id = &running.unwrap().0;
        names.push(format!("{place}/shop/app:k8s-preview_{id}"));
    }
    let digest = |name: &str| yard.ours(&["image", "digest", name]);
    for name in &names {
        succeed(&mut digest(name));
    }
    let close = |server: &mut Server, branch: &str, commit: &str| {
        yard.delete(branch);
        Yard::tell(server, &json!({"branch": branch, "closed": true}));
        server.gone(commit, branch);
    };
    let until_gone = |name: &str| {
        wait_for("the image to go", 60, || {
            (!digest(name).output().unwrap().status.success()).then_some(())
        });
        fail(&mut digest(name), 2);
    };
    close(&mut server, "second", &second);
    close(&mut server, "first", &first);
    until_gone(&names[0]);
    // By now it would be gone, too.
    succeed(&mut digest(&names[2]));
    close(&mut server, "third", &second);
    until_gone(&names[1]);
    until_gone(&names[2]);
    server.end();
    let left = yard.home().join("serve/pushed").read_dir().unwrap();
    assert_eq!(left.count(), 0);
}
