//! `boatyard serve` with environments that are made by kubefiles, in one namespace as runboat has them, and what runboat has made.

use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use boatyard_kubetest::{Behaviour, Cluster, kubectl};
use serde_json::{Value, json};

use crate::checkout::{Checkout, git};
use crate::previewed::log;
use crate::runboat::{kubefiles, table};
use crate::server::Server;
use crate::support::{boatyard, new_home, not_run, succeed, wait_for};
use crate::{ours, scenario};

/// What images are called.
pub const IMAGE: &str = "shop:{commit}";

/// What is in a namespace.
pub struct Ground<'a> {
    pub cluster: &'a Cluster,
    pub namespace: &'a str,
}

impl Ground<'_> {
    pub fn kubectl(&self, words: &[&str]) -> String {
        let words = [&["-n", self.namespace], words].concat();
        ours(&mut kubectl().unwrap(), self.cluster, &words)
    }

    pub fn all(&self, kinds: &str) -> Vec<Value> {
        let answer = self.kubectl(&["get", kinds, "-l", "runboat/build", "-o", "json"]);
        let all: Value = serde_json::from_str(&answer).unwrap();
        all["items"].as_array().unwrap().clone()
    }

    pub fn deployment(&self, name: &str) -> Value {
        serde_json::from_str(&self.kubectl(&["get", "deployment", name, "-o", "json"])).unwrap()
    }

    /// Has the cluster apply or create that; whether it does.
    fn takes(&self, verb: &str, manifests: &str) -> bool {
        let mut command = kubectl().unwrap();
        command
            .args(["-n", self.namespace, verb, "-f", "-"])
            .env("KUBECONFIG", self.cluster.kubeconfig());
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        let mut pipe = child.stdin.take().unwrap();
        pipe.write_all(manifests.as_bytes()).unwrap();
        drop(pipe);
        child.wait().unwrap().success()
    }

    /// From now on it takes no claims of volumes, though it says that it would.
    fn take_no_claims(&self) {
        let policy = json!({"apiVersion": "v1", "kind": "List", "items": [
            {
                "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy",
                "metadata": {"name": self.namespace},
                "spec": {
                    "matchConstraints": {
                        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": self.namespace}},
                        "resourceRules": [{
                            "apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"],
                            "resources": ["persistentvolumeclaims"],
                        }],
                    },
                    "validations": [{"expression": "has(request.dryRun) && request.dryRun", "message": "no room"}],
                },
            },
            {
                "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicyBinding",
                "metadata": {"name": self.namespace},
                "spec": {"policyName": self.namespace, "validationActions": ["Deny"]},
            },
        ]});
        assert!(self.takes("apply", &policy.to_string()));
        let another = json!({
            "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"generateName": "another-"},
            "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
        });
        wait_for("another claim to be refused", 60, || {
            (!self.takes("create", &another.to_string())).then_some(())
        });
    }

    /// What runboat leaves of a build of that commit: set up, and so many that run.
    pub fn build(
        &self,
        folder: &Path,
        name: &str,
        [repository, branch, commit]: [&str; 3],
        replicas: u32,
    ) {
        let mut command = boatyard(folder, folder);
        command
            .args(["render", "kubefiles"])
            .arg(folder.join("kubefiles"));
        command.args(["--name", name, "-n", self.namespace, "--image", "shop:old"]);
        command.args([
            "--repository",
            repository,
            "--branch",
            branch,
            "--commit",
            commit,
        ]);
        let manifests = succeed(&mut command);
        assert!(self.takes("apply", &manifests));
        let web = format!("{name}-web");
        self.kubectl(&[
            "annotate",
            "--overwrite",
            "deployment",
            &web,
            "runboat/init-status=succeeded",
        ]);
        self.kubectl(&[
            "scale",
            "deployment",
            &web,
            &format!("--replicas={replicas}"),
        ]);
        self.kubectl(&["rollout", "status", "deployment", &web, "--timeout=60s"]);
    }

    /// Names and uids of pods, sorted.
    fn pods(&self) -> Vec<String> {
        let mut pods: Vec<String> = self
            .all("pods")
            .iter()
            .map(|pod| pod["metadata"]["uid"].to_string())
            .collect();
        pods.sort();
        pods
    }
}

/// The same as on one machine, see tests/serve, and as in namespaces of their own.
#[test]
fn what_happens_on_one_machine_happens_by_kubefiles() {
    let Some(cluster) = Cluster::scripted() else {
        return;
    };
    let (namespace, home) = (cluster.namespace(), new_home());
    let folder = tempfile::tempdir().unwrap();
    let files = kubefiles(folder.path());
    let ground = Ground {
        cluster,
        namespace: namespace.name(),
    };
    let replicas = || -> Vec<u64> {
        let all = ground.all("deployments");
        all.iter()
            .map(|one| one["spec"]["replicas"].as_u64().unwrap())
            .collect()
    };
    let look = |step: &str, id: &str| match step {
        "phase first running" | "phase second running" => {
            let one = ground.deployment(&format!("b{id}-web"));
            let annotations = &one["metadata"]["annotations"];
            assert_eq!(annotations["runboat/init-status"], "succeeded");
            assert_eq!(one["spec"]["replicas"], 1);
            let record = annotations["boatyard.dev/environment"].as_str().unwrap();
            let record: Value = serde_json::from_str(record).unwrap();
            assert_eq!(record["id"], *id);
            let commit = record["revision"]["commit"].as_str().unwrap();
            assert_eq!(
                one["spec"]["template"]["spec"]["containers"][0]["image"],
                format!("shop:{commit}")
            );
            assert_eq!(ground.all("secrets")[0]["data"]["KEY"], "c2VzYW1l");
        }
        "phase second asleep" => assert_eq!(replicas(), [0]),
        "gone main first" => assert_eq!(ground.all("deployments").len(), 1),
        "end" => {
            let left = ground
                .all("deployments,services,configmaps,secrets,jobs,pods,persistentvolumeclaims");
            let kept = left.iter().filter(|one| one["kind"] != "Pod");
            let names = kept.map(|one| &one["metadata"]["name"]).collect::<Vec<_>>();
            assert!(names.is_empty(), "{names:?}");
        }
        _ => {}
    };
    let played = scenario::play(&scenario::Stage {
        home: home.path(),
        more: table(&files, "bykubefiles", Some(namespace.name()), IMAGE),
        variables: vec![("KUBECONFIG", cluster.kubeconfig().display().to_string())],
        jumps: false,
        keeps: false,
        answers: false,
        forgets: true,
        look: &look,
    });
    played.unwrap_or_else(|| not_run("there is no static busybox"));
}

/// What runboat has made goes on as it is, what is none of ours is not touched, and what comes later is made by the same files.
#[test]
fn builds_of_runboat_are_taken_over() {
    let Some(cluster) = Cluster::scripted() else {
        return;
    };
    let (namespace, home) = (cluster.namespace(), new_home());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let files = kubefiles(path);
    let ground = Ground {
        cluster,
        namespace: namespace.name(),
    };
    let bare = path.join("shop.git");
    git(
        path,
        &["init", "--quiet", "--bare", "-b", "main", "shop.git"],
    );
    let clone = Checkout::new(path.join("clone"), bare.to_str().unwrap());
    let commit = |branch: &str| {
        std::fs::write(path.join("clone/page"), branch).unwrap();
        clone.push(branch, branch)
    };
    let (main, old) = (commit("main"), commit("old"));
    ground.build(path, "b-main", ["shop.git", "main", &main], 1);
    ground.build(path, "b-old", ["shop.git", "old", &old], 0);
    ground.build(path, "b-foreign", ["acme/other", "main", &main], 1);
    let foreign = ground.deployment("b-foreign-web")["metadata"]["resourceVersion"].clone();
    let (pods, made) = (ground.pods(), ground.deployment("b-main-web"));

    let text = format!(
        "[times]\nsettle = \"0s\"\n[forge.here]\nkind = \"git\"\nurl = \"file://{}\"\npoll = \"5s\"\n\
         [[repository]]\nforge = \"here\"\nname = \"shop.git\"\nbranches = [\"**\"]\n{}adopt = true\n",
        path.display(),
        table(&files, "adopting", Some(namespace.name()), IMAGE)
    );
    std::fs::write(path.join("serve.toml"), text).unwrap();
    let variables = [("KUBECONFIG", cluster.kubeconfig().display().to_string())];
    let mut server = Server::start(home.path(), &path.join("serve.toml"), &variables);
    assert_eq!(ground.pods(), pods, "nothing was started again");
    assert_eq!(ground.all("jobs"), Vec::<Value>::new());
    for (name, phase) in [("b-main-web", "running"), ("b-old-web", "asleep")] {
        let taken = ground.deployment(name)["metadata"].clone();
        let record = &taken["annotations"]["boatyard.dev/environment"];
        let record: Value = serde_json::from_str(record.as_str().unwrap()).unwrap();
        assert_eq!(record["phase"], phase);
        assert_eq!(taken["labels"]["boatyard.dev/environment"], record["id"]);
    }
    assert_eq!(ground.deployment("b-main-web")["spec"], made["spec"]);

    // A commit that cannot be set up says why, and is known for that.
    let bad = commit("bad").clone();
    namespace.script(
        &format!("shop:{bad}"),
        Behaviour::exits(3, "no such table: orders"),
    );
    let failed = server.failed(&bad);
    let reason = failed["environment"]["reason"].as_str().unwrap();
    assert!(
        reason.contains("exit code 3") && reason.contains("no such table"),
        "{reason}"
    );
    let name = format!("b{}-web", failed["id"].as_str().unwrap());
    let status = ground.deployment(&name)["metadata"]["annotations"]["runboat/init-status"].clone();
    assert_eq!(status, "failed");

    // What is closed is cleaned up and gone, whoever made it.
    git(&bare, &["update-ref", "-d", "refs/heads/old"]);
    server.gone(&old, "old");
    let left: Vec<Value> = ground.all("deployments,services,configmaps,jobs");
    let of_old = left
        .iter()
        .filter(|one| one["metadata"]["labels"]["runboat/build"] == "b-old");
    assert_eq!(of_old.count(), 0);
    assert_eq!(
        ground
            .pods()
            .iter()
            .filter(|pod| pods.contains(pod))
            .count(),
        pods.len()
    );
    assert_eq!(
        ground.deployment("b-foreign-web")["metadata"]["resourceVersion"],
        foreign
    );
    server.end();
}

/// What could not be placed as a whole is known as ours by its Deployment, and goes without the clean-up of what was never set up.
#[test]
fn what_was_never_begun_is_taken_away_to_its_last_object() {
    let Some(cluster) = Cluster::scripted() else {
        return;
    };
    let (namespace, home) = (cluster.namespace(), new_home());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let ground = Ground {
        cluster,
        namespace: namespace.name(),
    };
    ground.take_no_claims();
    let files = kubefiles(path);
    let words = ["init", "--quiet", "--bare", "-b", "main", "shop.git"];
    git(path, &words);
    let bare = path.join("shop.git");
    let clone = Checkout::new(path.join("clone"), bare.to_str().unwrap());
    let [_, commit] = ["main", "old"].map(|branch| {
        std::fs::write(path.join("clone/page"), branch).unwrap();
        clone.push(branch, branch)
    });
    let text = format!(
        "[times]\nsettle = \"0s\"\n[forge.here]\nkind = \"git\"\nurl = \"file://{}\"\npoll = \"5s\"\n\
         [[repository]]\nforge = \"here\"\nname = \"shop.git\"\nbranches = [\"old\"]\n{}",
        path.display(),
        table(&files, "unbegun", Some(namespace.name()), IMAGE)
    );
    let file = path.join("serve.toml");
    std::fs::write(&file, text).unwrap();
    let kubeconfig = cluster.kubeconfig().display().to_string();
    let mut server = Server::start(home.path(), &file, &[("KUBECONFIG", kubeconfig)]);
    let failed = server.failed(&commit);
    let reason = failed["environment"]["reason"].as_str().unwrap();
    assert!(reason.contains("no room"), "{reason}");
    let id = failed["id"].as_str().unwrap();
    let web = ground.deployment(&format!("b{id}-web"))["metadata"].clone();
    assert_eq!(web["labels"]["boatyard.dev/server"], "unbegun");
    assert_eq!(web["labels"]["boatyard.dev/environment"], *id);
    assert_eq!(web["annotations"]["runboat/init-status"], "todo");

    git(&bare, &["update-ref", "-d", "refs/heads/old"]);
    server.gone(&commit, "old");
    let left = ground.all("deployments,services,configmaps,secrets,jobs,persistentvolumeclaims");
    assert_eq!(left, Vec::<Value>::new());
    let said = log(home.path(), id, "prepare");
    assert!(said.contains("setting it up had not begun"), "{said}");
    server.end();
    for kind in [
        "validatingadmissionpolicybinding",
        "validatingadmissionpolicy",
    ] {
        ground.kubectl(&["delete", kind, namespace.name()]);
    }
}
