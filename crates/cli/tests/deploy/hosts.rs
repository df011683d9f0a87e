//! A host of its own for each environment, at an API server with the schemas of Ingresses and of the Gateway API.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use boatyard_kubetest::{Cluster, Namespace, kubectl};
use serde_json::{Value, json};

use crate::gateway::{CLASS, GATEWAY, object, visit};
use crate::kubefiles::IMAGE;
use crate::ours;
use crate::previewed::{get, namespaces};
use crate::runboat::{kubefiles, table};
use crate::scenario::Forge;
use crate::server::Server;
use crate::support::{busybox, new_home, not_run, wait_for};

/// What the Service of the server is called, and the port that it is asked at.
const SERVICE: &str = "previews";
const PORT: u16 = 80;

/// Where the server is on the cluster.
struct Ground<'a> {
    cluster: &'a Cluster,
    namespace: Namespace<'a>,
    prefix: &'static str,
    kind: &'static str,
}

impl Ground<'_> {
    /// Applies an object to the namespace.
    fn apply(&self, object: &Value) {
        let mut command = kubectl().unwrap();
        let words = ["-n", self.namespace.name(), "apply", "-f", "-"];
        let command = command.args(words).stdin(Stdio::piped());
        let mut child = command
            .env("KUBECONFIG", self.cluster.kubeconfig())
            .spawn()
            .unwrap();
        let mut pipe = child.stdin.take().unwrap();
        pipe.write_all(object.to_string().as_bytes()).unwrap();
        drop(pipe);
        assert!(child.wait().unwrap().success(), "{object}");
    }

    /// The Service leads to what listens there on this machine.
    fn serve(&self, port: u16) {
        self.apply(&json!({
            "apiVersion": "v1", "kind": "Service", "metadata": {"name": SERVICE},
            "spec": {
                "type": "ExternalName", "externalName": "localhost",
                "ports": [{"port": PORT, "targetPort": port}],
            },
        }));
    }

    /// The configuration of the cluster whose current namespace is this one.
    fn kubeconfig(&self, folder: &Path) -> String {
        let text = fs::read_to_string(self.cluster.kubeconfig()).unwrap();
        let mut config: Value = serde_json::from_str(&text).unwrap();
        config["contexts"][0]["context"]["namespace"] = json!(self.namespace.name());
        let file = folder.join("kubeconfig");
        fs::write(&file, config.to_string()).unwrap();
        file.display().to_string()
    }

    /// The ways that there are of the server's, by the names that their hosts begin with.
    fn ways(&self) -> Vec<(String, Value)> {
        let label = format!("boatyard.dev/server={}", self.prefix);
        let all = get(
            self.cluster,
            &["-n", self.namespace.name(), self.kind, "-l", &label],
        );
        let name = |one: &Value| {
            let labels = &one["metadata"]["labels"];
            labels["boatyard.dev/name"].as_str().unwrap().to_owned()
        };
        let all = all["items"].as_array().unwrap().iter();
        all.map(|one| (name(one), one.clone())).collect()
    }

    /// Waits until there are ways for these and no others.
    fn lead(&self, names: &[&str]) {
        let mut names = names.to_vec();
        names.sort_unstable();
        wait_for("ways to all hosts and to no other", 60, || {
            let ways = self.ways();
            let mut there: Vec<&str> = ways.iter().map(|(name, _)| name.as_str()).collect();
            there.sort_unstable();
            (there == names).then_some(())
        });
    }

    /// What answers a visitor of that host.
    fn status(&self, host: &str) -> String {
        let answer = visit(self.cluster, self.kind, host, "/.boatyard/style.css");
        answer.lines().next().unwrap_or_default().to_owned()
    }
}

fn play(ground: &Ground<'_>, busybox: &Path, hosts: &str) {
    let (home, folder) = (new_home(), tempfile::tempdir().unwrap());
    let files = kubefiles(folder.path());
    let more = format!(
        "{}[cluster.hosts]\nservice = \"{SERVICE}\"\nport = {PORT}\n{hosts}",
        table(&files, ground.prefix, None, IMAGE)
    );
    let forge = Forge::new(busybox, &more);
    ground.serve(1);
    let variables = [("KUBECONFIG", ground.kubeconfig(folder.path()))];
    let mut server = Server::start(home.path(), &forge.file(), &variables);
    let (_, port) = server.address().rsplit_once(':').unwrap();
    ground.serve(port.parse().unwrap());

    let first = forge.commit("main", "first");
    let main = server.running(&first).label().to_owned();
    ground.lead(&[&main]);
    let host = |label: &str| format!("{label}.preview.localhost");
    assert_eq!(ground.status(&host(&main)), "HTTP/1.1 200 OK");
    assert_eq!(ground.status(&host("nobody")), "HTTP/1.1 404 no way");
    let (_, way) = ground.ways().remove(0);
    let about = &way["metadata"];
    assert_eq!(about["name"], format!("{}-{main}", ground.prefix));
    assert_eq!(about["annotations"]["a.test/b"], "c");
    if ground.kind == "ingresses" {
        let tls = json!([{"hosts": [host(&main)], "secretName": format!("{main}-tls")}]);
        assert_eq!(way["spec"]["tls"], tls);
    }

    let second = forge.commit("other", "second");
    let other = server.running(&second).label().to_owned();
    ground.lead(&[&main, &other]);
    forge.delete("main");
    server.gone(&first, "main");
    ground.lead(&[&other]);
    assert_eq!(ground.status(&host(&main)), "HTTP/1.1 404 no way");
    server.end();

    // What is left goes with the Service.
    let gone = ["-n", ground.namespace.name(), "delete", "service", SERVICE];
    ours(&mut kubectl().unwrap(), ground.cluster, &gone);
    ground.lead(&[]);
    for left in namespaces(ground.cluster, ground.prefix) {
        let name = left["metadata"]["name"].as_str().unwrap();
        let words = ["delete", "namespace", name, "--wait=false"];
        ours(&mut kubectl().unwrap(), ground.cluster, &words);
    }
}

#[test]
fn a_gateway_leads_each_host_to_the_server() {
    let Some(cluster) = Cluster::scripted().filter(|cluster| cluster.with_gateways()) else {
        return;
    };
    let Some(busybox) = busybox() else {
        return not_run("there is no static busybox");
    };
    let infra = cluster.namespace();
    let mut ground = Ground {
        cluster,
        namespace: infra,
        prefix: "routed",
        kind: "httproutes",
    };
    ground.apply(&object());
    let infra = std::mem::replace(&mut ground.namespace, cluster.namespace());
    let hosts = format!(
        "gateway = \"{}/{GATEWAY}\"\nannotations = {{ \"a.test/b\" = \"c\" }}\n",
        infra.name()
    );
    play(&ground, &busybox, &hosts);
}

#[test]
fn an_ingress_leads_each_host_to_the_server() {
    let Some(cluster) = Cluster::scripted() else {
        return;
    };
    let Some(busybox) = busybox() else {
        return not_run("there is no static busybox");
    };
    let ground = Ground {
        cluster,
        namespace: cluster.namespace(),
        prefix: "entered",
        kind: "ingresses",
    };
    let hosts = format!(
        "ingress-class = \"{CLASS}\"\ntls-secret = \"{{name}}-tls\"\nannotations = {{ \"a.test/b\" = \"c\" }}\n"
    );
    play(&ground, &busybox, &hosts);
}
