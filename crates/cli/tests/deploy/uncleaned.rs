//! The job that cleans up an environment of kubefiles fails: as with any other, it goes without in the end.

use boatyard_kubetest::{Behaviour, Cluster};
use serde_json::Value;

use crate::checkout::{Checkout, git};
use crate::kubefiles::{Ground, IMAGE};
use crate::previewed::log;
use crate::runboat::{kubefiles, table};
use crate::server::Server;
use crate::support::new_home;

#[test]
fn what_cannot_be_cleaned_up_is_told_and_then_done_without() {
    let Some(cluster) = Cluster::scripted() else {
        return;
    };
    let (namespace, home) = (cluster.namespace(), new_home());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let files = kubefiles(path);
    let words = ["init", "--quiet", "--bare", "-b", "main", "shop.git"];
    git(path, &words);
    let bare = path.join("shop.git");
    let clone = Checkout::new(path.join("clone"), bare.to_str().unwrap());
    let commit = |branch: &str| {
        std::fs::write(path.join("clone/page"), branch).unwrap();
        clone.push(branch, branch)
    };
    // A remote without any branch is taken for one that does not say what it has.
    commit("main");
    let commit = commit("old");
    let text = format!(
        "[times]\nsettle = \"0s\"\nback-off = \"1s\"\n[limits]\ncleanup-tries = 1\n\
         [forge.here]\nkind = \"git\"\nurl = \"file://{}\"\npoll = \"5s\"\n\
         [[repository]]\nforge = \"here\"\nname = \"shop.git\"\nbranches = [\"old\"]\n{}",
        path.display(),
        table(&files, "uncleaned", Some(namespace.name()), IMAGE)
    );
    let file = path.join("serve.toml");
    std::fs::write(&file, text).unwrap();
    let kubeconfig = cluster.kubeconfig().display().to_string();
    let mut server = Server::start(home.path(), &file, &[("KUBECONFIG", kubeconfig)]);
    let said = server.phase(&commit, "asleep");
    let id = said["id"].as_str().unwrap();
    let job = format!("b{id}-cleanup");
    namespace.script(&job, Behaviour::exits(3, "no such host"));
    git(&bare, &["update-ref", "-d", "refs/heads/old"]);
    let stuck = server.phase(&commit, "stuck");
    let reason = stuck["environment"]["reason"].as_str().unwrap();
    for part in ["try 1 of 1; it goes without the next time", &job] {
        assert!(reason.contains(part), "no {part:?} in {reason}");
    }
    server.gone(&commit, "old");
    let printed = log(home.path(), id, "run");
    for part in ["it goes without being cleaned up", "no such host"] {
        assert!(printed.contains(part), "no {part:?} in {printed}");
    }
    let ground = Ground {
        cluster,
        namespace: namespace.name(),
    };
    let left = ground.all("deployments,services,configmaps,secrets,jobs");
    assert_eq!(left, Vec::<Value>::new());
    server.end();
}
