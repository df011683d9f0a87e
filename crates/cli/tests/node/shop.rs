//! The guestbook on the node: what all tests here begin with.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, OnceLock};
use std::{fs, io::Write as _};

use boatyard_kubetest::{Cluster, Namespace, kubectl};
use serde_json::{Value, json};

use crate::support::{
    boatyard, busybox, copy_folder, http, kept_home, output, root, succeed, wait_for,
};

/// The guestbook, deployed once.
pub struct Shop {
    /// The cluster with the node.
    pub cluster: &'static Cluster,
    /// Where it is; the restricted profile is enforced there.
    pub namespace: Namespace<'static>,
    /// Where web answers, in the cluster's network.
    pub web: SocketAddr,
    /// What the page is called.
    pub title: Title,
    home: PathBuf,
    project: PathBuf,
    _folder: tempfile::TempDir,
}

/// The title of a page.
pub struct Title(Mutex<String>);

impl Title {
    /// It is another one from now on; the one before.
    pub fn replace(&self, new: String) -> String {
        std::mem::replace(&mut self.0.lock().unwrap(), new)
    }
}

impl Shop {
    /// It; none where there is no node, which has been said.
    pub fn open() -> Option<&'static Self> {
        static SHOP: OnceLock<Option<Shop>> = OnceLock::new();
        SHOP.get_or_init(|| Some(Self::founded(Cluster::node()?)))
            .as_ref()
    }

    fn founded(cluster: &'static Cluster) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let project = folder.path().join("guestbook");
        copy_folder(&root().join("examples/guestbook"), &project);
        let registry = cluster.registry();
        let prefix = format!("[image]\nprefix = \"{registry}/guestbook\"");
        change(&project, "boatyard.toml", "[image]", &prefix);
        for kind in ["postgres", "redis"] {
            let table = format!("[backing.{kind}]");
            let kept = format!("{table}\ncluster = \"kept\"");
            change(&project, "boatyard.toml", &table, &kept);
        }
        // Several requests at once, and connections that stay.
        change(
            &project,
            "boatyard.toml",
            "guestbook:app'",
            "--worker-class gthread --threads 4 guestbook:app'",
        );
        let slow = "@app.get(\"/slow\")\n    def slow():\n        import time; time.sleep(8); return \"<title>slow</title>\"\n\n    ";
        let entries = "@app.get(\"/api/entries\")";
        change(
            &project,
            "guestbook/web.py",
            entries,
            &[slow, entries].concat(),
        );
        let home = kept_home();
        push_pause(cluster, &home, folder.path());
        let namespace = cluster.namespace();
        let mut shop = Self {
            cluster,
            namespace,
            web: SocketAddr::from(([0, 0, 0, 0], 0)),
            title: Title(Mutex::new("Guestbook".to_owned())),
            home,
            project,
            _folder: folder,
        };
        shop.build();
        let claims = shop.namespace.name().to_owned();
        shop.give_volumes(&claims, 2);
        let enforce = "pod-security.kubernetes.io/enforce=restricted";
        shop.kubectl(&["label", "namespace", shop.namespace.name(), enforce]);
        {
            let _inside = cluster.enter();
            succeed(&mut shop.deploy("300s"));
        }
        let address = shop.address(shop.namespace.name(), "guestbook-web");
        shop.web = format!("{address}:8080").parse().unwrap();
        shop.wait_for_the_router();
        shop
    }

    /// A deploy ends when pods are ready; kube-proxy learns of the first ones up to a second later.
    fn wait_for_the_router(&self) {
        let _inside = self.cluster.enter();
        let web = format!("http://{}", self.web);
        wait_for("the service to lead to web", 60, || {
            http(&web, "GET", "/", "")
        });
    }

    /// Changes a file of the project: `old`, which is there, becomes `new`.
    pub fn change(&self, path: &str, old: &str, new: &str) {
        change(&self.project, path, old, new);
    }

    /// Builds the images: outside, where packages come from.
    pub fn build(&self) {
        let build = ["build", "--variant", "k8s"];
        succeed(boatyard(&self.home, &self.project).args(build));
    }

    /// Where images are kept, and packages.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// `boatyard deploy` of what has been built, to be run inside.
    pub fn deploy(&self, timeout: &str) -> Command {
        let namespace = self.namespace.name();
        self.command(&["deploy", "--push", "-n", namespace, "--timeout", timeout])
    }

    /// The command, to be run inside.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = boatyard(&self.home, &self.project);
        command
            .args(words)
            .env("KUBECONFIG", self.cluster.kubeconfig());
        command
    }

    /// What `kubectl` says, which must not fail.
    pub fn kubectl(&self, words: &[&str]) -> String {
        let _inside = self.cluster.enter();
        succeed(self.kubectl_command().args(words))
    }

    /// `kubectl`, to be run inside.
    pub fn kubectl_command(&self) -> Command {
        let mut command = kubectl().expect("there is a cluster");
        command
            .env("KUBECONFIG", self.cluster.kubeconfig())
            .stdin(Stdio::null());
        command
    }

    /// What `kubectl get` finds in the namespace.
    pub fn get(&self, words: &[&str]) -> Value {
        let words = [&["-n", self.namespace.name(), "get", "-o", "json"], words].concat();
        serde_json::from_str(&self.kubectl(&words)).unwrap()
    }

    fn address(&self, namespace: &str, service: &str) -> String {
        let path = "jsonpath={.spec.clusterIP}";
        self.kubectl(&["-n", namespace, "get", "service", service, "-o", path])
    }

    /// Folders of the node for so many claims, whoever makes them. They are root's, as those of most provisioners are.
    pub fn give_volumes(&self, name: &str, count: u32) {
        let folder = self.cluster.kubeconfig().with_file_name("volumes");
        let volume = |number: u32| {
            let name = format!("{name}-{number}");
            let path = folder.join(&name);
            fs::create_dir_all(&path).unwrap();
            let here =
                json!({"key": "kubernetes.io/hostname", "operator": "In", "values": ["kubetest"]});
            json!({
                "apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name},
                "spec": {
                    "capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"],
                    "persistentVolumeReclaimPolicy": "Retain", "local": {"path": path},
                    "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [here]}]}},
                },
            })
        };
        let volumes: Vec<Value> = (1..=count).map(volume).collect();
        self.apply(&json!(volumes));
    }

    pub fn apply(&self, objects: &Value) {
        let list = json!({"apiVersion": "v1", "kind": "List", "items": objects});
        let _inside = self.cluster.enter();
        let mut child = self
            .kubectl_command()
            .args(["apply", "-f", "-"])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let mut pipe = child.stdin.take().unwrap();
        pipe.write_all(list.to_string().as_bytes()).unwrap();
        drop(pipe);
        assert!(child.wait().unwrap().success());
    }

    /// Whatever helps to see why requests failed.
    pub fn tell(&self) {
        let _inside = self.cluster.enter();
        for words in [
            &["get", "pods", "-o", "wide"] as &[&str],
            &["get", "events"],
        ] {
            let mut command = self.kubectl_command();
            output(command.args(["-n", self.namespace.name()]).args(words));
        }
        let log = self.cluster.kubeconfig().with_file_name("kube-proxy.log");
        println!("{}", fs::read_to_string(log).unwrap_or_default());
    }
}

/// Changes a file of a project: `old`, which is there, becomes `new`.
pub fn change(project: &Path, path: &str, old: &str, new: &str) {
    let path = project.join(path);
    let found = fs::read_to_string(&path).unwrap();
    assert!(found.contains(old), "{old:?} is not in {}", path.display());
    fs::write(path, found.replacen(old, new, 1)).unwrap();
}

/// The image that holds a pod's namespaces, by our own engine.
pub fn push_pause(cluster: &Cluster, home: &Path, folder: &Path) {
    let context = folder.join("pause");
    fs::create_dir(&context).unwrap();
    fs::copy(
        busybox().expect("busybox-static is installed"),
        context.join("busybox"),
    )
    .unwrap();
    let words = "FROM scratch\nCOPY busybox /\nUSER 65534\nENTRYPOINT [\"/busybox\", \"sleep\", \"2147483647\"]\n";
    fs::write(context.join("Dockerfile"), words).unwrap();
    let name = format!("{}/pause:1", cluster.registry());
    let build = ["build", "-f", "Dockerfile", "-t", &name, "."];
    succeed(boatyard(home, &context).args(build));
    let _inside = cluster.enter();
    succeed(boatyard(home, &context).args(["image", "push", &name]));
}
