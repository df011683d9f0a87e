//! What a namespace of an environment has before anything is deployed to it. Pure.

use serde_json::{Value, json};

use super::find::Record;
use crate::builder::outside;
use crate::manifest::Manifest;

/// Whose a namespace is: the label that says which server keeps it.
pub(crate) const SERVER: &str = "boatyard.dev/server";
/// The label that says which environment it is.
pub(crate) const ENVIRONMENT: &str = "boatyard.dev/environment";
/// The label that says which branch or pull request it shows, as its host name does.
pub(super) const NAME: &str = "boatyard.dev/name";
/// The label that says how far it is.
pub(super) const PHASE: &str = "boatyard.dev/phase";
/// The annotation that is the server's record of the environment.
pub(crate) const RECORD: &str = "boatyard.dev/environment";
/// The annotation that says which role people look at.
pub(super) const FRONT: &str = "boatyard.dev/front";
/// The label that says which project is in it.
pub(super) const PROJECT: &str = crate::owner::PROJECT;

/// Ports of name servers: that of the protocol, and that behind the Service of `OpenShift`.
const NAMES: [u16; 2] = [53, 5353];
/// Where the cache of names on each node listens, which is no pod (`NodeLocal DNSCache`).
const CACHE: &str = "169.254.20.10/32";

/// What a container may write on the disk of its node: three full scratch folders of `render k8s`, and its log.
const DISK: &str = "4Gi";

/// What a namespace is to be.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Its name.
    pub namespace: String,
    /// Which server keeps it: a value of a label.
    pub server: String,
    /// Which environment it is: a value of a label.
    pub environment: String,
    /// The server's record of it.
    pub record: Record,
    /// The project that is deployed to it.
    pub project: String,
    /// The role that people look at.
    pub front: String,
    /// What it may use.
    pub quota: Quota,
    /// The namespace that requests come from, besides its own; none: they come through the API server.
    pub visitors: Option<String>,
    /// Ports outside of it that its processes may connect to.
    pub egress: Vec<u16>,
}

/// What a namespace may use: quantities.
#[derive(Clone, Debug)]
pub struct Quota {
    /// Processors that are kept.
    pub cpu: String,
    /// Memory.
    pub memory: String,
    /// Room on disks.
    pub storage: String,
    /// Pods at once.
    pub pods: u32,
}

/// All that it has, in the order in which it is made.
///
/// # Panics
///
/// Not in practice: all of them have a kind and a name.
pub fn objects(wish: &Wish) -> Vec<Manifest> {
    let of = |value: Value| Manifest::of(value).expect("it has a kind and a name");
    [
        namespace(wish),
        quota(wish),
        limits(),
        policy(wish),
        account(),
    ]
    .map(of)
    .into()
}

fn namespace(wish: &Wish) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Namespace",
        "metadata": {
            "name": wish.namespace,
            "labels": {
                "app.kubernetes.io/managed-by": "boatyard",
                SERVER: wish.server, ENVIRONMENT: wish.environment, PROJECT: wish.project,
                NAME: wish.record.name, PHASE: wish.record.phase,
                "pod-security.kubernetes.io/enforce": "restricted",
                "pod-security.kubernetes.io/enforce-version": "latest",
            },
            "annotations": { RECORD: wish.record.text, FRONT: wish.front },
        },
    })
}

fn quota(wish: &Wish) -> Value {
    let Quota {
        cpu,
        memory,
        storage,
        pods,
    } = &wish.quota;
    json!({
        "apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "boatyard"},
        "spec": {"hard": {
            "requests.cpu": cpu, "requests.memory": memory, "limits.memory": memory, "requests.storage": storage,
            "pods": pods.to_string(),
            // Nothing of it is to be reached but through us.
            "services.loadbalancers": "0", "services.nodeports": "0",
        }},
    })
}

/// What containers are given that ask for nothing: without it the quota admits none of them. The limit of the disk counts scratch
/// folders as well, however many there are; how many pods may have it is in the quota.
fn limits() -> Value {
    json!({
        "apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "boatyard"},
        "spec": {"limits": [{
            "type": "Container",
            // Of the disk none is kept, which would be all of the limit otherwise: not every node tells how much it has.
            "defaultRequest": {"cpu": "100m", "memory": "128Mi", "ephemeral-storage": "0"},
            "default": {"memory": "512Mi", "ephemeral-storage": DISK},
        }]},
    })
}

/// Nobody reaches it and it reaches nobody, but for itself, names, who brings visitors, and the ports that are permitted.
fn policy(wish: &Wish) -> Value {
    let own = json!({"podSelector": {}});
    let mut from = vec![own.clone()];
    from.extend(wish.visitors.as_ref().map(|namespace| {
        json!({"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}})
    }));
    let names: Vec<Value> = NAMES
        .into_iter()
        .flat_map(|port| ["UDP", "TCP"].map(|protocol| json!({"protocol": protocol, "port": port})))
        .collect();
    let mut egress = vec![
        json!({"to": [own]}),
        // Not anywhere: whoever listens on that port outside would be a way out.
        json!({"to": [{"namespaceSelector": {}}, {"ipBlock": {"cidr": CACHE}}], "ports": names}),
    ];
    if !wish.egress.is_empty() {
        let ports = wish.egress.iter();
        let ports: Vec<Value> = ports
            .map(|port| json!({"protocol": "TCP", "port": port}))
            .collect();
        egress.push(json!({"to": outside(), "ports": ports}));
    }
    json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "boatyard"},
        "spec": {
            "podSelector": {}, "policyTypes": ["Ingress", "Egress"],
            "ingress": [{"from": from}], "egress": egress,
        },
    })
}

fn account() -> Value {
    json!({
        "apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"},
        "automountServiceAccountToken": false,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{Quota, Record, Wish, objects, outside};

    fn wish() -> Wish {
        Wish {
            namespace: "boatyard-a".to_owned(),
            server: "boatyard".to_owned(),
            environment: "a".to_owned(),
            record: Record {
                text: "{}".to_owned(),
                name: "shop-main-a".to_owned(),
                phase: "preparing".to_owned(),
            },
            project: "shop".to_owned(),
            front: "web".to_owned(),
            quota: Quota {
                cpu: "1".to_owned(),
                memory: "1Gi".to_owned(),
                storage: "1Gi".to_owned(),
                pods: 3,
            },
            visitors: None,
            egress: Vec::new(),
        }
    }

    fn spec(wish: &Wish, kind: &str) -> Value {
        let all = objects(wish);
        let mut of_kind = all.iter().filter(|one| one.id().kind == kind);
        of_kind.next().expect("there is one").value()["spec"].clone()
    }

    #[test]
    fn nobody_fills_the_disk_of_a_node() {
        let range = spec(&wish(), "LimitRange");
        let given = &range["limits"][0];
        assert_eq!(given["type"], "Container");
        assert_eq!(given["default"]["ephemeral-storage"], "4Gi");
        // Said, or it would be the limit.
        assert_eq!(given["defaultRequest"]["ephemeral-storage"], "0");
    }

    #[test]
    fn nobody_reaches_it_but_who_is_named() {
        let mut wish = wish();
        let quiet = spec(&wish, "NetworkPolicy");
        assert_eq!(
            quiet["ingress"],
            serde_json::json!([{"from": [{"podSelector": {}}]}])
        );
        assert_eq!(quiet["egress"].as_array().expect("rules").len(), 2);
        for rule in quiet["egress"].as_array().expect("rules") {
            assert!(rule["to"].is_array(), "a rule that leads anywhere: {rule}");
        }
        wish.visitors = Some("ops".to_owned());
        wish.egress = vec![443];
        let open = spec(&wish, "NetworkPolicy");
        assert_eq!(
            open["ingress"][0]["from"][1]["namespaceSelector"]["matchLabels"],
            serde_json::json!({"kubernetes.io/metadata.name": "ops"})
        );
        assert_eq!(open["egress"][2]["ports"][0]["port"], 443);
        assert_eq!(open["egress"][2]["to"], outside());
    }
}
