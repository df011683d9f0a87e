//! The server may no longer watch what is on the cluster: it says so, goes on, and says when it may again.

use std::io::Write as _;
use std::process::Stdio;

use boatyard_kubetest::{Cluster, kubectl};
use serde_json::Value;

use crate::least::Account;
use crate::ours;
use crate::previewed::get;
use crate::scenario::Forge;
use crate::server::Server;
use crate::support::{busybox, new_home, not_run};

/// Replaces a role.
fn replace(cluster: &Cluster, role: &Value) {
    let mut command = kubectl().unwrap();
    let command = command.args(["replace", "-f", "-"]);
    let command = command.env("KUBECONFIG", cluster.kubeconfig());
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    write!(input, "{role}").unwrap();
    drop(input);
    assert!(child.wait().unwrap().success());
}

#[test]
fn that_it_may_not_watch_is_said_once_and_so_is_that_it_may_again() {
    let Some(cluster) = Cluster::scripted() else {
        return;
    };
    let Some(busybox) = busybox() else {
        return not_run("there is no static busybox");
    };
    let (account, home) = (Account::new(cluster), new_home());
    let more = format!(
        "[cluster]\nregistry = \"127.0.0.1:1/previews\"\nprefix = \"deaf\"\n[cluster.lease]\nnamespace = \"{}\"\n",
        account.namespace()
    );
    let forge = Forge::new(&busybox, &more);
    let kubeconfig = account.kubeconfig.display().to_string();
    let mut server = Server::start(home.path(), &forge.file(), &[("KUBECONFIG", kubeconfig)]);
    let troubles = |server: &Server| {
        let (status, metrics) = server.own().get("/metrics");
        assert_eq!(status, 200, "{metrics}");
        let name = "boatyard_troubles{of=\"hearing\"} ";
        let value = metrics.lines().find_map(|line| line.strip_prefix(name));
        value.unwrap().to_owned()
    };
    assert_eq!(troubles(&server), "0");

    let name = format!("{}-boatyard-serve", account.namespace());
    let mut role = get(cluster, &["clusterrole", &name]);
    // Whoever has read it does not write it as it was then.
    let metadata = role["metadata"].as_object_mut().unwrap();
    metadata.remove("resourceVersion");
    let mut less = role.clone();
    for rule in less["rules"].as_array_mut().unwrap() {
        let verbs = rule["verbs"].as_array_mut().unwrap();
        verbs.retain(|verb| verb != "watch");
    }
    replace(cluster, &less);
    server.says(
        "warning",
        "what others do on the cluster is seen late: cannot watch ",
    );
    assert_eq!(troubles(&server), "1");
    assert_eq!(server.own().get("/readyz").0, 200, "the rest goes on");

    replace(cluster, &role);
    server.says("mended", "what others do on the cluster is seen again");
    assert_eq!(troubles(&server), "0");
    server.end();
    for kind in ["clusterrolebinding", "clusterrole"] {
        ours(&mut kubectl().unwrap(), cluster, &["delete", kind, &name]);
    }
}
