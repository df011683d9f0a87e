//! Rights that a role has by its project, and what they are enough for.

use boatyard_kubetest::{Cluster, kubectl};

use crate::backed::BACKED;
use crate::boatyard::Boatyard;
use crate::least::as_account;
use crate::{PROJECT, ours};

/// What docs/reference/deploy.md says that a deploy takes, for the kinds that the shop has; and one right beyond its namespace.
const DEPLOYER: &str = "
[project]
name = \"dock\"
[service.app]
roles = [\"crane\", \"bystander\"]
[role.bystander]
command = \"wait\"
[role.crane]
command = \"deploy\"
[[role.crane.rights]]
resources = [\"serviceaccounts\", \"services\", \"configmaps\", \"secrets\"]
verbs = [\"get\", \"list\", \"watch\", \"create\", \"patch\", \"delete\"]
[[role.crane.rights]]
groups = [\"apps\", \"batch\", \"networking.k8s.io\"]
resources = [\"deployments\", \"statefulsets\", \"jobs\", \"networkpolicies\"]
verbs = [\"get\", \"list\", \"watch\", \"create\", \"patch\", \"delete\"]
[[role.crane.rights]]
groups = [\"coordination.k8s.io\"]
resources = [\"leases\"]
verbs = [\"get\", \"create\", \"update\"]
[[role.crane.rights]]
groups = [\"\", \"apps\"]
resources = [\"pods\", \"replicasets\", \"events\"]
verbs = [\"list\", \"watch\"]
[[role.crane.rights]]
everywhere = true
groups = [\"apps\"]
resources = [\"deployments\"]
verbs = [\"get\"]
names = [\"one\"]
";

/// A deploy by the account of a role, with its token and nothing else.
#[test]
fn a_role_may_do_what_its_rights_say_and_nothing_else() {
    let Some(cluster) = Cluster::scripted() else {
        return;
    };
    let namespace = cluster.namespace();
    let name = namespace.name();
    let ask = |words: &[&str]| ours(&mut kubectl().unwrap(), cluster, words);
    let deploy = |text: &str, kubeconfig: &std::path::Path| {
        let boatyard = Boatyard::new();
        boatyard.file("boatyard.toml", text);
        let mut command = boatyard.command(["deploy", "--tag", "1", "-n", name]);
        boatyard.said(command.env("KUBECONFIG", kubeconfig))
    };
    let said = deploy(DEPLOYER, cluster.kubeconfig());
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    // Only who has rights has a token.
    let path = "jsonpath={.spec.template.spec.serviceAccountName} {.spec.template.spec.automountServiceAccountToken}";
    for (role, expected) in [("crane", "dock-crane true"), ("bystander", "dock false")] {
        let deployment = format!("dock-{role}");
        let found = ask(&["-n", name, "get", "deployment", &deployment, "-o", path]);
        assert_eq!(found, expected);
    }

    let folder = tempfile::tempdir().unwrap();
    let crane = as_account(cluster, name, "dock-crane", folder.path());

    let shop = [PROJECT, BACKED].concat();
    let queue = "kind = \"redis\"";
    let shop = shop.replace(queue, &format!("{queue}\ncluster = \"scratch\""));
    let said = deploy(&shop, &crane);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(said.err.contains("created  Secret/shop-queue"));

    for (expected, words) in [
        ("yes", "get deployments.apps/one -n kube-system"),
        ("no", "get deployments.apps/two -n kube-system"),
        ("no", "patch deployments.apps/one -n kube-system"),
        ("no", "get secrets -n kube-system"),
        ("no", "list namespaces"),
        ("no", "create clusterroles.rbac.authorization.k8s.io"),
        ("no", "create pods"),
        ("no", "create pods/exec"),
        ("no", "delete leases.coordination.k8s.io"),
        ("yes", "delete statefulsets.apps"),
    ] {
        let mut command = kubectl().unwrap();
        let words = words.split(' ');
        let command = command.args(["-n", name, "auth", "can-i"]).args(words);
        let said = command.env("KUBECONFIG", &crane).output().unwrap();
        let said = String::from_utf8_lossy(&said.stdout);
        assert_eq!(said.trim(), expected, "{command:?}");
    }

    // Without one of them it is told which one.
    let less = DEPLOYER.replace("\"configmaps\", \"secrets\"]", "\"configmaps\"]");
    let said = deploy(&less, cluster.kubeconfig());
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let said = deploy(&shop, &crane);
    assert_eq!(said.code, 3, "{}{}", said.out, said.err);
    assert!(
        said.err.contains("cannot get resource \"secrets\""),
        "{}",
        said.err
    );

    // What is in no namespace does not go with it.
    for kind in ["clusterrolebinding", "clusterrole"] {
        ask(&["delete", kind, &format!("{name}-dock-crane")]);
    }
}
