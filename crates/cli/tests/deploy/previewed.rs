//! `boatyard serve` with its environments on a cluster.

use std::fs;
use std::path::Path;

use boatyard_kubetest::{Cluster, kubectl};
use serde_json::{Value, json};

use crate::checkout::{Checkout, git};
use crate::distribution::Registry;
use crate::least::Account;
use crate::server::Server;
use crate::support::{busybox, new_home, not_run, wait_for};
use crate::{ours, scenario};

/// What stock kubectl finds of environments of `prefix`, or in a namespace.
pub fn get(cluster: &Cluster, words: &[&str]) -> Value {
    let words = [&["get", "-o", "json"], words].concat();
    serde_json::from_str(&ours(&mut kubectl().unwrap(), cluster, &words)).unwrap()
}

pub fn namespaces(cluster: &Cluster, prefix: &str) -> Vec<Value> {
    let label = format!("boatyard.dev/server={prefix}");
    let all = get(cluster, &["namespaces", "-l", &label]);
    all["items"].as_array().unwrap().clone()
}

/// How many of each Deployment in a namespace are to run.
fn replicas(cluster: &Cluster, namespace: &str) -> Vec<u64> {
    let all = get(cluster, &["-n", namespace, "deployments"]);
    let items = all["items"].as_array().unwrap();
    items
        .iter()
        .map(|one| one["spec"]["replicas"].as_u64().unwrap())
        .collect()
}

/// A namespace is what nobody reaches and what reaches nobody.
pub fn is_closed(cluster: &Cluster, namespace: &str) {
    let there = get(cluster, &["namespace", namespace]);
    let labels = &there["metadata"]["labels"];
    assert_eq!(labels["pod-security.kubernetes.io/enforce"], "restricted");
    let policies = get(cluster, &["-n", namespace, "networkpolicies"]);
    let [policy] = policies["items"].as_array().unwrap().as_slice() else {
        panic!("one policy, and none of the project's: {policies}");
    };
    assert_eq!(policy["spec"]["podSelector"], serde_json::json!({}));
    let from = &policy["spec"]["ingress"][0]["from"];
    assert_eq!(*from, serde_json::json!([{"podSelector": {}}]));
    let quota = get(cluster, &["-n", namespace, "resourcequota", "boatyard"]);
    assert_eq!(quota["spec"]["hard"]["pods"], "7");
    get(cluster, &["-n", namespace, "limitrange", "boatyard"]);
    let pods = get(cluster, &["-n", namespace, "pods"]);
    for pod in pods["items"].as_array().unwrap() {
        let has_token = pod["spec"].to_string().contains("serviceAccountToken");
        assert!(!has_token, "{pod}");
    }
    let account = get(cluster, &["-n", namespace, "serviceaccount", "default"]);
    assert_eq!(account["automountServiceAccountToken"], false);
}

/// What the log of an environment says in that part.
pub fn log(home: &Path, id: &str, part: &str) -> String {
    let folder = home.join("serve/log").join(id).join(part);
    let parts = folder.read_dir().unwrap().flatten();
    let said = parts.map(|part| std::fs::read_to_string(part.path()).unwrap());
    said.collect()
}

fn play(cluster: &Cluster, registry: &Registry, home: &Path) {
    let prefix = "story";
    let account = Account::new(cluster);
    let more = format!(
        "[cluster]\nregistry = \"127.0.0.1:{}/previews\"\nprefix = \"{prefix}\"\n[cluster.quota]\npods = 7\n\
         [cluster.lease]\nnamespace = \"{}\"\n",
        registry.port,
        account.namespace()
    );
    let file = |namespace: &str, name: &str| {
        let volume = cluster.volume(namespace, "shop-files");
        volume.expect("it has a volume").join(name)
    };
    let look = |step: &str, id: &str| {
        let namespace = format!("{prefix}-{id}");
        match step {
            "phase first running" | "phase second running" => {
                is_closed(cluster, &namespace);
                assert_eq!(replicas(cluster, &namespace), [1]);
                let there = get(cluster, &["namespace", &namespace]);
                let record = &there["metadata"]["annotations"]["boatyard.dev/environment"];
                let record: Value = serde_json::from_str(record.as_str().unwrap()).unwrap();
                assert_eq!(record["id"], *id);
            }
            "gone main second" => {
                let printed = log(home, id, "run");
                assert!(
                    printed.contains("running farewell") && printed.contains("it is cleaned up"),
                    "{printed}"
                );
            }
            // What it has is in the snapshot; what comes later is not.
            "visit main" => std::fs::write(file(&namespace, "early"), "").unwrap(),
            "snapshot main before" => std::fs::write(file(&namespace, "later"), "").unwrap(),
            "restore main before" => {
                let is_there = ["early", "later"].map(|name| file(&namespace, name).exists());
                assert_eq!(is_there, [true, false]);
            }
            "phase third running" => {
                let said = log(home, id, "prepare");
                let begins = "it begins with the data of the base branch";
                assert!(said.contains(begins), "{said}");
            }
            "phase second asleep" => assert_eq!(replicas(cluster, &namespace), [0]),
            "gone main first" => {
                let left = namespaces(cluster, prefix);
                assert_eq!(left.len(), 1, "{left:?}");
            }
            "end" => assert_eq!(namespaces(cluster, prefix), Vec::<Value>::new()),
            _ => {}
        }
    };
    let played = scenario::play(&scenario::Stage {
        home,
        more,
        variables: vec![("KUBECONFIG", account.kubeconfig.display().to_string())],
        jumps: false,
        keeps: true,
        answers: false,
        forgets: true,
        look: &look,
    });
    if played.is_none() {
        return not_run("there is no static busybox");
    }
    account.deploys();
    account.has_no_more_than_it_uses();
}

/// By an account that has the rights of the manifests of the server. The same as on one machine, see tests/serve; and the cluster holds what is needed to go on where the server has forgotten all.
#[test]
fn what_happens_on_one_machine_happens_on_a_cluster() {
    let Some(cluster) = Cluster::scripted() else {
        return;
    };
    let Some(registry) = Registry::start("previews on a cluster", false) else {
        return;
    };
    let home = new_home();
    play(cluster, &registry, home.path());
}

/// Where the cluster is and who we are at the registry is known by the usual files of a home, and by nothing else.
pub fn who_knows_the_way(folder: &Path, cluster: &Cluster, registry: &Registry) {
    for (name, text) in [
        (
            ".kube/config",
            fs::read_to_string(cluster.kubeconfig()).unwrap(),
        ),
        (
            ".docker/config.json",
            // "me:secret"
            json!({"auths": {format!("127.0.0.1:{}", registry.port): {"auth": "bWU6c2VjcmV0"}}})
                .to_string(),
        ),
    ] {
        let file = folder.join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
}

/// Hosts that lead to the server with that prefix, each by an Ingress of its own.
fn hosts(cluster: &Cluster, prefix: &str) -> Vec<String> {
    let label = format!("boatyard.dev/server={prefix}");
    let all = get(cluster, &["-n", "default", "ingresses", "-l", &label]);
    let items = all["items"].as_array().unwrap().iter();
    items
        .map(|one| one["spec"]["rules"][0]["host"].as_str().unwrap().to_owned())
        .collect()
}

/// The build of a stranger knows neither; what was built comes onto the cluster all the same.
#[test]
fn what_a_stranger_builds_is_pushed_and_deployed_by_who_knows_the_way() {
    let Some(cluster) = Cluster::scripted() else {
        return;
    };
    let Some(registry) = Registry::start("a stranger on a cluster", true) else {
        return;
    };
    let Some(busybox) = busybox() else {
        return not_run("there is no static busybox");
    };
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let (home, place) = (folder.path().join("home"), folder.path().display());
    fs::create_dir(&home).unwrap();
    who_knows_the_way(folder.path(), cluster, &registry);
    let words = ["init", "--quiet", "--bare", "-b", "main", "shop.git"];
    git(folder.path(), &words);
    let bare = folder.path().join("shop.git");
    let clone = Checkout::new(folder.path().join("clone"), bare.to_str().unwrap());
    for name in ["bin", "www"] {
        fs::create_dir(clone.folder().join(name)).unwrap();
    }
    fs::copy(busybox, clone.folder().join("bin/busybox")).unwrap();
    fs::write(clone.folder().join("www/index.html"), "strange").unwrap();
    fs::write(clone.folder().join("boatyard.toml"), scenario::PROJECT).unwrap();
    let commit = clone.push("main", "Nothing special");
    clone.git(&["push", "--quiet", "origin", "HEAD:refs/pull/1/head"]);
    let file = folder.path().join("serve.toml");
    let text = format!(
        "[times]\nsettle = \"0s\"\n[cluster]\nregistry = \"127.0.0.1:{}/previews\"\nprefix = \"strange\"\n\
         [cluster.hosts]\nservice = \"previews-web\"\nport = 80\n\
         [forge.here]\nkind = \"generic\"\nurl = \"file://{place}\"\nunsigned = true\n\
         [[repository]]\nname = \"shop.git\"\nbranches = \"none/*\"\nforks = \"allow\"\nstarts = true\n",
        registry.port
    );
    fs::write(&file, text).unwrap();
    let service = [
        "-n",
        "default",
        "create",
        "service",
        "clusterip",
        "previews-web",
        "--tcp=80",
    ];
    ours(&mut kubectl().unwrap(), cluster, &service);
    let mut server = Server::start(&home, &file, &[("HOME", place.to_string())]);
    let tell = |server: &Server, news: &str| {
        let json = "Content-Type: application/json\r\n";
        let body = format!("{{\"repository\": \"shop.git\", \"pull-request\": 1, {news}}}");
        assert!(server.hook("/hooks/here", json, &body) < 300);
    };
    tell(&server, &format!("\"commit\": \"{commit}\""));
    let said = server.phase(&commit, "running");
    let id = said["id"].as_str().unwrap();
    let all = get(cluster, &["-n", &format!("strange-{id}"), "deployments"]);
    let container = &all["items"][0]["spec"]["template"]["spec"]["containers"][0];
    let image = container["image"].as_str().unwrap();
    assert!(
        image.contains("/previews/strangers/shop/app@sha256:"),
        "{image}"
    );
    let url = said["url"].as_str().unwrap();
    let host = url.trim_start_matches("http://").split(':').next().unwrap();
    wait_for("a host that leads to the server", 60, || {
        (hosts(cluster, "strange") == [host]).then_some(())
    });
    let own = format!("http://{}", server.address());
    let (status, metrics) = server.at(&own).get("/metrics");
    assert_eq!(status, 200, "{metrics}");
    let counted = "boatyard_cluster_calls_total{result=\"answered\"}";
    assert!(metrics.contains(counted), "{metrics}");
    tell(&server, "\"closed\": true");
    server.gone(&commit, "#1");
    wait_for("no host to lead to the server", 60, || {
        hosts(cluster, "strange").is_empty().then_some(())
    });
    server.end();
    assert_eq!(namespaces(cluster, "strange"), Vec::<Value>::new());
    let gone = ["-n", "default", "delete", "service", "previews-web"];
    ours(&mut kubectl().unwrap(), cluster, &gone);
}
