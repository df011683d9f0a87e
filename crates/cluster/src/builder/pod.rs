//! The pod of a builder, and what goes with it. Pure.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::outside::outside;
use super::wish::{Company, Wish};

/// The label of builders: who builds in them.
pub(super) const BUILDER: &str = "boatyard.dev/builder";
/// The name of the only container.
pub(super) const CONTAINER: &str = "builder";
/// The claim of the volume that the store of builders is on.
pub(super) const CLAIM: &str = "boatyard-builder";
/// The policy about those that are alone.
pub(super) const POLICY: &str = "boatyard-builder-alone";

/// Where our state is in it.
const HOME: &str = "/var/lib/boatyard";
/// Where our command may be: where images of Boatyard's own projects have it, and where others do.
const PATH: &str = "/app/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// What root needs to make files of others and enter their trees: all of it Pod Security `baseline` permits.
const NEEDED: [&str; 11] = [
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];
/// What mounts and namespaces take besides, with networks in them.
const MOUNTS: [&str; 2] = ["NET_ADMIN", "SYS_ADMIN"];
/// How long nobody has to use one until it ends, seconds: who comes back soon finds what was built.
const IDLE: u32 = 15 * 60;
/// The same of one that has a single user, who was killed.
const IDLE_ALONE: u32 = 60;
/// How long one is there at most whose user nobody trusts, seconds.
const LONGEST: u32 = 3 * 60 * 60;

/// What Pod Security has to permit.
pub(super) fn level(wish: &Wish) -> &'static str {
    if wish.mounts {
        "privileged"
    } else {
        "baseline"
    }
}

/// The pod. One that is shared has a name by which it is found: that of its description.
pub(super) fn pod(wish: &Wish) -> Value {
    let is_alone = wish.company != Company::Shared;
    let spec = spec(wish, is_alone);
    let mut metadata = json!({"labels": {
        "app.kubernetes.io/managed-by": "boatyard",
        BUILDER: if is_alone { "alone" } else { "shared" },
    }});
    if is_alone {
        metadata["generateName"] = json!("boatyard-builder-alone-");
    } else {
        metadata["name"] = json!(format!("boatyard-builder-{}", digest(&spec)));
    }
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})
}

fn spec(wish: &Wish, is_alone: bool) -> Value {
    let idle = if is_alone { IDLE_ALONE } else { IDLE };
    let capabilities: Vec<&str> = NEEDED
        .into_iter()
        .chain(MOUNTS.into_iter().filter(|_| wish.mounts))
        .collect();
    let mut security = json!({
        "runAsUser": 0, "runAsGroup": 0, "runAsNonRoot": false,
        // What is built writes to the home; nobody exchanges our own command.
        "readOnlyRootFilesystem": true,
        "capabilities": {"drop": ["ALL"], "add": capabilities},
    });
    let profile = if wish.mounts {
        // What keeps programs from mounting on most nodes.
        security["appArmorProfile"] = json!({"type": "Unconfined"});
        "Unconfined"
    } else {
        "RuntimeDefault"
    };
    security["seccompProfile"] = json!({"type": profile});
    // What strangers have made is nobody else's.
    let home = if wish.storage.is_some() && !is_alone {
        json!({"name": "home", "persistentVolumeClaim": {"claimName": CLAIM}})
    } else {
        json!({"name": "home", "emptyDir": {}})
    };
    let mut spec = json!({
        "automountServiceAccountToken": false, "enableServiceLinks": false,
        "restartPolicy": "Never", "terminationGracePeriodSeconds": 10,
        "containers": [{
            "name": CONTAINER, "image": wish.image,
            "command": ["boatyard", "builder", "keep", "--idle", idle.to_string()],
            "env": [
                {"name": "PATH", "value": PATH},
                {"name": "HOME", "value": "/tmp"},
                {"name": "BOATYARD_HOME", "value": HOME},
            ],
            "resources": {
                "requests": {"cpu": wish.cpu, "memory": wish.memory},
                "limits": {"memory": wish.memory},
            },
            "securityContext": security,
            "volumeMounts": [
                {"name": "home", "mountPath": HOME}, {"name": "tmp", "mountPath": "/tmp"},
            ],
        }],
        "volumes": [home, {"name": "tmp", "emptyDir": {}}],
    });
    if is_alone {
        spec["activeDeadlineSeconds"] = json!(LONGEST);
    }
    spec
}

/// The claim of a volume of that size.
pub(super) fn claim(size: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim",
        "metadata": {"name": CLAIM, "labels": {"app.kubernetes.io/managed-by": "boatyard"}},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}},
    })
}

/// Who is alone is reached by nobody, and reaches names and these ports outside.
pub(super) fn policy(ports: &[u16]) -> Value {
    let port = |protocol: &str, port: u16| json!({"protocol": protocol, "port": port});
    let names = ["UDP", "TCP"].map(|protocol| port(protocol, 53));
    let ports: Vec<Value> = ports.iter().map(|number| port("TCP", *number)).collect();
    json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
        "metadata": {"name": POLICY, "labels": {"app.kubernetes.io/managed-by": "boatyard"}},
        "spec": {
            "podSelector": {"matchLabels": {BUILDER: "alone"}},
            "policyTypes": ["Ingress", "Egress"],
            "egress": [{"ports": names}, {"to": outside(), "ports": ports}],
        },
    })
}

/// Eight digits that are others where the description is another one.
fn digest(spec: &Value) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for byte in Sha256::digest(spec.to_string().as_bytes()).iter().take(4) {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(company: Company, mounts: bool) -> Wish {
        Wish {
            image: "boatyard@sha256:1".to_owned(),
            company,
            mounts,
            storage: Some("10Gi".to_owned()),
            cpu: "1".to_owned(),
            memory: "4Gi".to_owned(),
        }
    }

    #[test]
    fn who_builds_the_same_way_shares_a_pod() {
        let one = pod(&wish(Company::Shared, false));
        assert_eq!(one, pod(&wish(Company::Shared, false)));
        let other = Wish {
            image: "boatyard@sha256:2".to_owned(),
            ..wish(Company::Shared, false)
        };
        assert_ne!(one["metadata"]["name"], pod(&other)["metadata"]["name"]);
        let volume = &one["spec"]["volumes"][0]["persistentVolumeClaim"];
        assert_eq!(volume["claimName"], CLAIM);
    }

    #[test]
    fn a_stranger_has_a_pod_and_a_home_of_its_own() {
        let ports = vec![443];
        let alone = pod(&wish(Company::Alone { ports }, true));
        assert_eq!(alone["metadata"]["name"], Value::Null);
        assert_eq!(alone["spec"]["volumes"][0]["emptyDir"], json!({}));
        assert_eq!(alone["spec"]["activeDeadlineSeconds"], LONGEST);
        let policy = policy(&[443]);
        assert_eq!(policy["spec"]["ingress"], Value::Null);
        let chosen = &policy["spec"]["podSelector"]["matchLabels"][BUILDER];
        assert_eq!(*chosen, alone["metadata"]["labels"][BUILDER]);
        // Names are asked for anywhere, and nothing else.
        let egress = policy["spec"]["egress"].as_array().unwrap();
        for rule in egress.iter().filter(|rule| rule["to"].is_null()) {
            let ports = rule["ports"].as_array().unwrap();
            assert!(ports.iter().all(|port| port["port"] == 53), "{rule}");
        }
        let https = json!({"to": outside(), "ports": [{"protocol": "TCP", "port": 443}]});
        assert!(egress.contains(&https), "{egress:?}");
    }

    #[test]
    fn nothing_is_asked_for_that_is_not_needed() {
        for (mounts, profile, has_admin) in
            [(false, "RuntimeDefault", false), (true, "Unconfined", true)]
        {
            let pod = pod(&wish(Company::Shared, mounts));
            assert_eq!(pod["spec"]["automountServiceAccountToken"], false);
            let context = &pod["spec"]["containers"][0]["securityContext"];
            assert_eq!(context["seccompProfile"]["type"], profile);
            let added = context["capabilities"]["add"].as_array().unwrap();
            assert_eq!(added.contains(&json!("SYS_ADMIN")), has_admin);
            assert_eq!(context["privileged"], Value::Null);
        }
    }
}
