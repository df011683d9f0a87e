//! Ways to a cluster whose credentials change while they are used: a plugin that is asked for them, and the files of a pod.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use boatyard_kubetest::{Cluster, Namespace, kubectl};
use serde_json::{Value, json};

use crate::boatyard::{Boatyard, Said};
use crate::kubefiles::IMAGE;
use crate::runboat::{kubefiles, table};
use crate::scenario::Forge;
use crate::server::Server;
use crate::support::{BOATYARD, busybox, new_home, not_run, wait_for};
use crate::{PROJECT, manifests, ours};

const ACCOUNT: &str = "captain";

/// An account that may do everything, and tokens of it that can be made worthless.
struct Captain<'a> {
    cluster: &'a Cluster,
    namespace: Namespace<'a>,
    folder: tempfile::TempDir,
}

impl<'a> Captain<'a> {
    fn new(cluster: &'a Cluster) -> Self {
        let captain = Self {
            cluster,
            namespace: cluster.namespace(),
            folder: tempfile::tempdir().unwrap(),
        };
        captain.kubectl(&["create", "serviceaccount", ACCOUNT]);
        let whom = format!("--serviceaccount={}:{ACCOUNT}", captain.namespace.name());
        let words = ["create", "clusterrolebinding", captain.namespace.name()];
        captain.kubectl(&[&words[..], &["--clusterrole=cluster-admin", &whom]].concat());
        captain
    }

    fn kubectl(&self, words: &[&str]) -> String {
        let words = [&["-n", self.namespace.name()], words].concat();
        ours(&mut kubectl().unwrap(), self.cluster, &words)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A token that is good as long as the Secret of that name is there.
    fn token(&self, secret: &str) -> String {
        self.kubectl(&["create", "secret", "generic", secret]);
        let bound = ["--bound-object-kind=Secret", "--bound-object-name", secret];
        let token = self.kubectl(&[&["create", "token", ACCOUNT], &bound[..]].concat());
        token.trim().to_owned()
    }

    /// Makes a token worthless; returns when the API server does not take it any more.
    fn revoke(&self, secret: &str, token: &str) {
        self.kubectl(&["delete", "secret", secret]);
        let file = self.kubeconfig("revoked", &json!({"token": token}));
        wait_for("the token not to be taken any more", 60, || {
            let mut whoami = kubectl().unwrap();
            let whoami = whoami.args(["auth", "whoami"]).env("KUBECONFIG", &file);
            let is_taken = whoami.output().unwrap().status.success();
            (!is_taken).then_some(())
        });
    }

    /// The way to the cluster for such a user.
    fn kubeconfig(&self, name: &str, user: &Value) -> PathBuf {
        let text = fs::read_to_string(self.cluster.kubeconfig()).unwrap();
        let mut config: Value = serde_json::from_str(&text).unwrap();
        config["users"][0]["user"] = user.clone();
        config["contexts"][0]["context"]["namespace"] = json!(self.namespace.name());
        let file = self.path(name);
        fs::write(&file, config.to_string()).unwrap();
        file
    }

    /// The same for a user that a plugin knows, a script of the shell.
    fn plugin(&self, script: &str) -> PathBuf {
        let exec = json!({
            "apiVersion": "client.authentication.k8s.io/v1", "interactiveMode": "Never",
            "command": "sh", "args": ["-c", script], "env": [{"name": "PIN", "value": "1234"}],
        });
        self.kubeconfig("plugin", &json!({"exec": exec}))
    }

    /// What the plugin says: the token that is in the file, for a little longer than its user wants to have it.
    fn renewed(&self, token: &Path) -> PathBuf {
        let asked = self.path("asked");
        self.plugin(&format!(
            "echo >>{}; cat <<END\n{{\"apiVersion\": \"client.authentication.k8s.io/v1\", \"kind\": \"ExecCredential\", \"status\": \
             {{\"token\": \"$(cat {})\", \"expirationTimestamp\": \"$(date -u -d '65 seconds' +%Y-%m-%dT%H:%M:%SZ)\"}}}}\nEND",
            asked.display(),
            token.display(),
        ))
    }

    fn deploy(&self, kubeconfig: &Path) -> Said {
        let boatyard = Boatyard::new();
        boatyard.file("boatyard.toml", PROJECT);
        boatyard.file("k8s/all.yaml", &manifests(1));
        let words = ["deploy", "-f", "k8s", "-n", self.namespace.name()];
        boatyard.said(boatyard.command(words).env("KUBECONFIG", kubeconfig))
    }
}

impl Drop for Captain<'_> {
    fn drop(&mut self) {
        let mut command = kubectl().unwrap();
        let name = self.namespace.name();
        let command = command.args(["delete", "clusterrolebinding", name]);
        // It may be a failed test that ends.
        drop(
            command
                .env("KUBECONFIG", self.cluster.kubeconfig())
                .output(),
        );
    }
}

/// Where a pod finds its account.
const SECRETS: &str = "secrets/kubernetes.io/serviceaccount";

/// A server that has a cluster as a pod has it: its files and variables, and no home of anybody.
fn in_a_pod(captain: &Captain<'_>, run: &Path, home: &Path, file: &Path) -> Server {
    let mut command = Command::new("unshare");
    let inside = "mount --make-rprivate / && mount --bind \"$0\" /run && exec \"$@\"";
    command.args(["--mount", "--", "sh", "-c", inside]).arg(run);
    let url = &captain.cluster.config().cluster_url;
    command
        .args([BOATYARD, "-C"])
        .arg(home)
        .args(["serve", "--json", "--listen", "127.0.0.1:0", "--config"])
        .arg(file)
        .env("BOATYARD_HOME", home)
        .env("HOME", home)
        .env("KUBERNETES_SERVICE_HOST", url.host().unwrap())
        .env("KUBERNETES_SERVICE_PORT", url.port().unwrap().as_str())
        .env_remove("KUBECONFIG");
    let mut server = Server::spawned(command);
    server.leads();
    server
}

/// The files of a pod whose account is this one.
fn files_of_a_pod(captain: &Captain<'_>, run: &Path, token: &str) {
    let folder = run.join(SECRETS);
    fs::create_dir_all(&folder).unwrap();
    let text = fs::read_to_string(captain.cluster.kubeconfig()).unwrap();
    let config: Value = serde_json::from_str(&text).unwrap();
    let authority = config["clusters"][0]["cluster"]["certificate-authority"].as_str();
    fs::copy(authority.unwrap(), folder.join("ca.crt")).unwrap();
    fs::write(folder.join("namespace"), captain.namespace.name()).unwrap();
    fs::write(folder.join("token"), token).unwrap();
}

#[test]
fn a_plugin_that_is_asked_again() {
    let Some(cluster) = Cluster::scripted() else {
        return;
    };
    let Some(busybox) = busybox() else {
        return not_run("there is no static busybox");
    };
    let captain = Captain::new(cluster);
    let (token, old) = (captain.path("token"), captain.token("old"));
    fs::write(&token, &old).unwrap();
    let kubeconfig = captain.renewed(&token);
    let said = captain.deploy(&kubeconfig);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let (home, files) = (new_home(), kubefiles(captain.folder.path()));
    let forge = Forge::new(&busybox, &table(&files, "plugged", None, IMAGE));
    let variables = [("KUBECONFIG", kubeconfig.display().to_string())];
    let mut server = Server::start(home.path(), &forge.file(), &variables);
    let first = forge.commit("main", "first");
    server.phase(&first, "running");

    // What it had is worth nothing any more, and it goes on.
    let asked = || fs::read_to_string(captain.path("asked")).unwrap().len();
    let before = asked();
    fs::write(&token, captain.token("new")).unwrap();
    captain.revoke("old", &old);
    let second = forge.commit("main", "second");
    server.phase(&second, "running");
    server.gone(&first, "main");
    assert!(asked() > before, "it was asked before only");
    forge.delete("main");
    server.gone(&second, "main");
    server.end();
}

#[test]
fn a_plugin_that_fails_says_why_and_nothing_else() {
    let Some(cluster) = Cluster::scripted() else {
        return;
    };
    let captain = Captain::new(cluster);
    let said =
        captain.deploy(&captain.plugin("echo a secret; echo your login is over >&2; exit 7"));
    assert_eq!(said.code, 3, "{}", said.err);
    assert!(said.err.contains("your login is over"), "{}", said.err);
    for secret in ["a secret", "1234"] {
        assert!(!said.err.contains(secret), "{}", said.err);
    }
}

/// The kubelet writes another token into the file before the old one is worth nothing.
#[test]
fn a_pod_whose_token_is_another_one() {
    let Some(cluster) = Cluster::scripted() else {
        return;
    };
    let Some(busybox) = busybox() else {
        return not_run("there is no static busybox");
    };
    let mut unshare = Command::new("unshare");
    if !unshare
        .args(["--mount", "true"])
        .status()
        .is_ok_and(|ended| ended.success())
    {
        return not_run("mount namespaces are not permitted here");
    }
    let captain = Captain::new(cluster);
    let (old, run) = (captain.token("old"), captain.path("run"));
    files_of_a_pod(&captain, &run, &old);
    let (home, files) = (new_home(), kubefiles(captain.folder.path()));
    let prefix = "podded";
    let forge = Forge::new(&busybox, &table(&files, prefix, None, IMAGE));
    let mut server = in_a_pod(&captain, &run, home.path(), &forge.file());
    let first = forge.commit("main", "first");
    server.phase(&first, "running");
    // It leads in its own namespace.
    captain.kubectl(&["get", "lease", &format!("{prefix}.serve")]);

    let new = captain.token("new");
    // At once, as the kubelet does.
    fs::write(run.join("new"), &new).unwrap();
    fs::rename(run.join("new"), run.join(SECRETS).join("token")).unwrap();
    let shown = || cluster.credentials(captain.namespace.name(), ACCOUNT).len();
    wait_for("the new token to be used", 90, || {
        (shown() == 2).then_some(())
    });
    captain.revoke("old", &old);
    let second = forge.commit("main", "second");
    server.phase(&second, "running");
    server.gone(&first, "main");
    forge.delete("main");
    server.gone(&second, "main");
    server.end();
}
