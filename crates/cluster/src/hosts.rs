//! A way from outside to one Service, for each of several hosts: an Ingress or an `HTTPRoute`.
//!
//! ```text
//! hosts that are wanted + those that there are --> applied, removed;  all of them go with the Service (owner)
//! ```

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Service;
use kube::ResourceExt as _;
use kube::api::{DeleteParams, DynamicObject, ListParams, Patch, PatchParams};
use serde_json::{Value, json};

use crate::apply::absent;
use crate::connect::Cluster;
use crate::manifest::Manifest;
use crate::pages;
use crate::refusal::Refusal;

/// Who we are in `managedFields`.
const KEEPER: &str = "boatyard-serve";
/// The label that says whose a way is.
const SERVER: &str = "boatyard.dev/server";
/// The label that says which host it is for.
const NAME: &str = "boatyard.dev/name";

/// Where ways lead, and what they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Whose they are: a value of a label, and what their names begin with.
    pub server: String,
    /// The Service, in the cluster's namespace.
    pub service: String,
    /// Its port.
    pub port: u16,
    /// The class of an Ingress; none: the cluster's.
    pub class: Option<String>,
    /// `NAME` or `NAMESPACE/NAME` of a Gateway: `HTTPRoute`s in place of Ingresses.
    pub gateway: Option<String>,
    /// Annotations of each.
    pub annotations: BTreeMap<String, String>,
}

/// A host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// What is its own of it: a part of a name, and the value of a label.
    pub label: String,
    /// All of it.
    pub name: String,
    /// The Secret with its certificate; none: the controller has one.
    pub secret: Option<String>,
}

/// Has each of these hosts lead there, and no other of the same server.
///
/// # Errors
///
/// If the Service is not there, or the cluster does not let us.
pub async fn lead(cluster: &Cluster, target: &Target, wanted: &[Host]) -> Result<(), Refusal> {
    let services = cluster.api::<Service>();
    let doing = format!("read Service/{}", target.service);
    let asked = async || services.get(&target.service).await;
    let service = cluster.calls().call(doing, asked).await?;
    let uid = service.uid().unwrap_or_default();
    for host in wanted {
        let manifest = manifest(target, host, &uid);
        let api = cluster.api_of(&manifest).await?;
        let params = PatchParams::apply(KEEPER).force().validation_strict();
        let asked = async || {
            let patch = Patch::Apply(manifest.value());
            api.patch(manifest.name(), &params, &patch).await
        };
        let doing = format!("make {}", manifest.id());
        cluster.calls().call(doing, asked).await?;
    }
    let any = Host {
        label: "any".to_owned(),
        name: String::new(),
        secret: None,
    };
    let kind = manifest(target, &any, &uid);
    let api = cluster.api_of(&kind).await?;
    let ours = ListParams::default().labels(&format!("{SERVER}={},{NAME}", target.server));
    let unwanted = |one: &DynamicObject| {
        let name = one.name_any();
        let is_wanted = wanted.iter().any(|host| called(target, host) == name);
        (!is_wanted).then_some(name)
    };
    let doing = format!("list what is {}", kind.id().kind);
    for name in pages::all(cluster.calls(), &api, ours, unwanted, &doing).await? {
        let params = DeleteParams::default();
        let doing = format!("remove {}/{name}", kind.id().kind);
        let asked = async || absent(api.delete(&name, &params).await);
        cluster.calls().call(doing, asked).await?;
    }
    Ok(())
}

/// What the way of a host is called.
fn called(target: &Target, host: &Host) -> String {
    format!("{}-{}", target.server, host.label)
}

fn manifest(target: &Target, host: &Host, uid: &str) -> Manifest {
    let (version, kind, spec) = match &target.gateway {
        Some(gateway) => (
            "gateway.networking.k8s.io/v1",
            "HTTPRoute",
            route(target, host, gateway),
        ),
        None => ("networking.k8s.io/v1", "Ingress", ingress(target, host)),
    };
    let owner = json!({"apiVersion": "v1", "kind": "Service", "name": target.service, "uid": uid});
    let object = json!({
        "apiVersion": version, "kind": kind,
        "metadata": {
            "name": called(target, host),
            "labels": {"app.kubernetes.io/managed-by": "boatyard", SERVER: target.server, NAME: host.label},
            "annotations": target.annotations,
            "ownerReferences": [owner],
        },
        "spec": spec,
    });
    Manifest::of(object).expect("it has a kind and a name")
}

fn ingress(target: &Target, host: &Host) -> Value {
    let backend = json!({"service": {"name": target.service, "port": {"number": target.port}}});
    let path = json!({"path": "/", "pathType": "Prefix", "backend": backend});
    let mut tls = json!({"hosts": [host.name]});
    if let Some(secret) = &host.secret {
        tls["secretName"] = json!(secret);
    }
    let mut spec = json!({
        "rules": [{"host": host.name, "http": {"paths": [path]}}],
        "tls": [tls],
    });
    if let Some(class) = &target.class {
        spec["ingressClassName"] = json!(class);
    }
    spec
}

fn route(target: &Target, host: &Host, gateway: &str) -> Value {
    let parent = match gateway.split_once('/') {
        Some((namespace, name)) => json!({"name": name, "namespace": namespace}),
        None => json!({"name": gateway}),
    };
    json!({
        "parentRefs": [parent],
        "hostnames": [host.name],
        "rules": [{"backendRefs": [{"name": target.service, "port": target.port}]}],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_is_an_ingress_or_a_route() {
        let mut target = Target {
            server: "boatyard".to_owned(),
            service: "previews-web".to_owned(),
            port: 8000,
            class: Some("nginx".to_owned()),
            gateway: None,
            annotations: BTreeMap::from([("a/b".to_owned(), "c".to_owned())]),
        };
        let host = Host {
            label: "shop-main-k3v7abcd".to_owned(),
            name: "shop-main-k3v7abcd.p.example.org".to_owned(),
            secret: Some("shop-main-k3v7abcd-tls".to_owned()),
        };
        let made = manifest(&target, &host, "1").value().clone();
        assert_eq!(made["metadata"]["name"], "boatyard-shop-main-k3v7abcd");
        assert_eq!(made["metadata"]["annotations"]["a/b"], "c");
        assert_eq!(
            made["spec"],
            json!({
                "ingressClassName": "nginx",
                "tls": [{"hosts": [host.name], "secretName": "shop-main-k3v7abcd-tls"}],
                "rules": [{"host": host.name, "http": {"paths": [{
                    "path": "/", "pathType": "Prefix",
                    "backend": {"service": {"name": "previews-web", "port": {"number": 8000}}},
                }]}}],
            })
        );
        target.gateway = Some("infra/public".to_owned());
        let made = manifest(&target, &host, "1").value().clone();
        assert_eq!(made["kind"], "HTTPRoute");
        assert_eq!(
            made["spec"],
            json!({
                "parentRefs": [{"name": "public", "namespace": "infra"}],
                "hostnames": [host.name],
                "rules": [{"backendRefs": [{"name": "previews-web", "port": 8000}]}],
            })
        );
    }
}
