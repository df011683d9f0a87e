//! What somebody else does to builds that share a namespace is heard, and mended where it can be.

use std::time::{Duration, Instant};

use boatyard_kubetest::Cluster;

use crate::checkout::{Checkout, git};
use crate::kubefiles::{Ground, IMAGE};
use crate::runboat::{kubefiles, table};
use crate::server::Server;
use crate::support::new_home;

/// Shorter than what runs is looked at without being heard of.
const LIMIT: Duration = Duration::from_secs(45);

fn until(what: &str, is_so: impl Fn() -> bool) {
    let begin = Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < LIMIT, "not {what} after {LIMIT:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn what_others_do_to_builds_is_heard() {
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
    git(
        path,
        &["init", "--quiet", "--bare", "-b", "main", "shop.git"],
    );
    let files = kubefiles(path);
    let clone = Checkout::new(path.join("clone"), path.join("shop.git").to_str().unwrap());
    let [main, up, gone] = ["main", "up", "gone"].map(|branch| {
        std::fs::write(path.join("clone/page"), branch).unwrap();
        clone.push(branch, branch)
    });
    for (name, branch, commit) in [("b-up", "up", &up), ("b-gone", "gone", &gone)] {
        ground.build(path, name, ["shop.git", branch, commit], 0);
    }
    let text = format!(
        "[times]\nsettle = \"0s\"\n[forge.here]\nkind = \"git\"\nurl = \"file://{}\"\npoll = \"1h\"\n\
         [[repository]]\nforge = \"here\"\nname = \"shop.git\"\nbranches = [\"**\"]\nstarts = true\n{}adopt = true\n",
        path.display(),
        table(&files, "disturbed", Some(namespace.name()), IMAGE)
    );
    std::fs::write(path.join("serve.toml"), text).unwrap();
    let variables = [("KUBECONFIG", cluster.kubeconfig().display().to_string())];
    let mut server = Server::start(home.path(), &path.join("serve.toml"), &variables);
    let running = server.phase(&main, "running");
    let web = format!("b{}-web", running["id"].as_str().unwrap());

    let begin = Instant::now();
    ground.kubectl(&["scale", "deployment", &web, "--replicas=0"]);
    let failed = server.failed(&main);
    let reason = failed["environment"]["reason"].as_str().unwrap();
    let expected = format!("somebody has scaled Deployment/{web} to zero");
    assert!(reason.contains(&expected), "{reason}");
    assert!(begin.elapsed() < LIMIT, "{:?}", begin.elapsed());

    ground.kubectl(&["scale", "deployment", "b-up-web", "--replicas=1"]);
    until("asleep again", || {
        ground.deployment("b-up-web")["spec"]["replicas"] == 0
    });

    ground.kubectl(&["delete", "deployment", "b-gone-web", "--wait=false"]);
    until("made anew", || {
        ground.all("deployments").iter().any(|one| {
            let (name, annotations) = (&one["metadata"]["name"], &one["metadata"]["annotations"]);
            *name != "b-gone-web"
                && annotations["runboat/git-commit"] == gone.as_str()
                && annotations["runboat/init-status"] == "succeeded"
        })
    });
    assert_eq!(ground.all("deployments").len(), 3);
    server.end();
}
