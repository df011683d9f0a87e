//! What the server of the previews may do is what it does: nothing less, and nothing more.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use boatyard_kubetest::{Behaviour, Cluster, Namespace, Used, kubectl};
use boatyard_plan::project;
use serde_json::{Value, json};

use crate::backed::BACKED;
use crate::boatyard::{Boatyard, Said};
use crate::support::root;
use crate::{PROJECT, ours};

/// What the server's projects have besides: settings, a job at the end, a second role.
const MORE: &str = "
[role.worker]
command = \"work\"
[job.leave]
command = \"leave\"
[preview]
cleanup = [\"leave\"]
[deploy]
env = { COLOUR = \"blue\" }
";
const ACCOUNT: &str = "boatyard-serve";

/// The project file of the server.
fn file() -> String {
    std::fs::read_to_string(root().join("deploy/serve/boatyard.toml")).unwrap()
}

/// The way to a cluster for an account of a namespace: its token and nothing else.
pub fn as_account(cluster: &Cluster, namespace: &str, account: &str, folder: &Path) -> PathBuf {
    let words = ["-n", namespace, "create", "token", account];
    let token = ours(&mut kubectl().unwrap(), cluster, &words);
    let text = std::fs::read_to_string(cluster.kubeconfig()).unwrap();
    let mut config: Value = serde_json::from_str(&text).unwrap();
    config["users"][0]["user"] = json!({"token": token.trim()});
    let path = folder.join(account);
    std::fs::write(&path, config.to_string()).unwrap();
    path
}

/// The account that the manifests of the server give it.
pub struct Account<'a> {
    cluster: &'a Cluster,
    namespace: Namespace<'a>,
    folder: tempfile::TempDir,
    pub kubeconfig: PathBuf,
}

impl<'a> Account<'a> {
    /// Deploys the server: its pods follow a script, but what it may do is real.
    pub fn new(cluster: &'a Cluster) -> Self {
        let namespace = cluster.namespace();
        let boatyard = Boatyard::new();
        boatyard.file("boatyard.toml", &file());
        let words = ["deploy", "--tag", "1", "-n", namespace.name()];
        let mut command = boatyard.command(words);
        let said = boatyard.said(command.env("KUBECONFIG", cluster.kubeconfig()));
        assert_eq!(said.code, 0, "{}{}", said.out, said.err);
        for (kind, name, path, expected) in [
            ("deployment", ACCOUNT, "{.spec.replicas}", "2"),
            ("pdb", ACCOUNT, "{.spec.maxUnavailable}", "1"),
            ("service", ACCOUNT, "{.spec.ports[0].port}", "8000"),
        ] {
            let path = format!("jsonpath={path}");
            let words = ["-n", namespace.name(), "get", kind, name, "-o", &path];
            assert_eq!(ours(&mut kubectl().unwrap(), cluster, &words), expected);
        }
        let folder = tempfile::tempdir().unwrap();
        let kubeconfig = as_account(cluster, namespace.name(), ACCOUNT, folder.path());
        Self {
            cluster,
            namespace,
            folder,
            kubeconfig,
        }
    }

    /// The namespace that the server is in.
    pub fn namespace(&self) -> &str {
        self.namespace.name()
    }

    /// Deploys what the server may meet: backing services, something that goes again, and something that fails and is undone.
    pub fn deploys(&self) {
        let shop = self.cluster.namespace();
        let deploy = |text: &str, words: &[&str]| -> Said {
            let boatyard = Boatyard::new();
            boatyard.file("boatyard.toml", text);
            let all = ["deploy", "--preview", "--force", "-n", shop.name(), "--tag"];
            let mut command = boatyard.command([&all, words].concat());
            boatyard.said(command.env("KUBECONFIG", &self.kubeconfig))
        };
        let backed = [PROJECT, BACKED, MORE].concat();
        shop.script(
            "shop-web",
            Behaviour::crash_loops(1, "no module named shop"),
        );
        let words = ["1", "--backing", "kept", "--timeout", "5m"];
        let said = deploy(&backed, &words);
        assert_eq!(said.code, 1, "{}{}", said.out, said.err);
        let log = String::new();
        shop.script("shop-web", Behaviour::Ready { log });
        for (text, words, expected) in [
            (
                backed.as_str(),
                ["2", "--backing", "scratch", "--timeout", "5m"],
                0,
            ),
            (PROJECT, ["3", "--backing", "scratch", "--timeout", "5m"], 0),
        ] {
            let said = deploy(text, &words);
            println!("{}{}", said.out, said.err);
            assert_eq!(said.code, expected);
        }
    }

    /// All that it may do was done, and all that was done it may do.
    pub fn has_no_more_than_it_uses(self) {
        let refused = self.cluster.refused(self.namespace(), ACCOUNT);
        assert_eq!(refused, Vec::<String>::new());
        let (used, may) = (self.cluster.used(self.namespace(), ACCOUNT), granted());
        let show = |rights: Vec<&Used>| -> Vec<String> {
            let shown = |one: &Used| format!("{} {}.{}", one.verb, one.resource, one.group);
            rights.into_iter().map(shown).collect()
        };
        let lacks = show(used.difference(&may).collect());
        let spares = show(may.difference(&used).collect());
        assert_eq!(
            (lacks, spares),
            (Vec::new(), Vec::new()),
            "lacks, and does not need"
        );
        // What is in no namespace does not go with it.
        for kind in ["clusterrolebinding", "clusterrole"] {
            let name = format!("{}-{ACCOUNT}", self.namespace());
            ours(
                &mut kubectl().unwrap(),
                self.cluster,
                &["delete", kind, &name],
            );
        }
        drop(self.folder);
    }
}

/// What the project file of the server says that it may do.
fn granted() -> BTreeSet<Used> {
    let project = project::parse(&file()).unwrap();
    let roles = project.roles.iter();
    let rights = roles.flat_map(|role| role.placement.rights.iter());
    let mut all = BTreeSet::new();
    for right in rights {
        for (group, resource) in right
            .groups
            .iter()
            .flat_map(|group| right.resources.iter().map(move |one| (group, one)))
        {
            for verb in &right.verbs {
                let one = Used {
                    group: group.clone(),
                    resource: resource.clone(),
                    verb: verb.clone(),
                };
                assert!(all.insert(one), "{verb} {resource} is there twice");
            }
        }
    }
    all
}
