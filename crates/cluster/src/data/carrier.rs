//! Pods through which volumes are read and written. Pure.

use boatyard_plan::backing::DATA;
use serde_json::{Map, Value, json};

use crate::manifest::Manifest;
use crate::owner::Owner;

/// The label of such a pod: of which project.
pub(super) const CARRIER: &str = "boatyard.dev/data";
/// The name of its container.
pub(super) const CONTAINER: &str = "data";
/// How long one is there at most, seconds: should we be killed before we remove it.
const LONGEST: u32 = 2 * 60 * 60;

/// A pod that has the volume of a claim.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Carrier {
    /// The claim.
    pub claim: String,
    /// Where it is mounted.
    pub folder: String,
    /// The pod; its name is up to the cluster.
    pub pod: Value,
}

/// Kinds whose pods have volumes, those first whose pods write most of them, and where their pods are described.
const KINDS: &[(&str, &str)] = &[
    ("StatefulSet", "/spec/template/spec"),
    ("Deployment", "/spec/template/spec"),
    ("Job", "/spec/template/spec"),
    ("CronJob", "/spec/jobTemplate/spec/template/spec"),
];

/// One for each claim of `manifests` that pods of theirs have, by claim: as those pods, without what they do.
pub(super) fn carriers(owner: &Owner, manifests: &[Manifest]) -> Vec<Carrier> {
    let claims = manifests
        .iter()
        .filter(|one| one.kind().kind == "PersistentVolumeClaim");
    let mut all: Vec<Carrier> = claims
        .filter_map(|claim| {
            let described = KINDS.iter().flat_map(|(kind, path)| {
                let workloads = manifests.iter().filter(|one| one.kind().kind == *kind);
                workloads.filter_map(|one| one.value().pointer(path))
            });
            let mut found = described.filter_map(|spec| carrier(owner, claim.name(), spec));
            found.next()
        })
        .collect();
    all.sort_by(|one, other| one.claim.cmp(&other.claim));
    all
}

/// The pod that has a claim as `spec` has it, if it does.
fn carrier(owner: &Owner, claim: &str, spec: &Value) -> Option<Carrier> {
    let list = |value: &Value, name: &str| value[name].as_array().cloned().unwrap_or_default();
    let volumes = list(spec, "volumes").into_iter();
    let mut volumes =
        volumes.filter(|volume| volume["persistentVolumeClaim"]["claimName"] == *claim);
    let volume = volumes.next()?;
    let containers = list(spec, "containers");
    let (container, mount) = containers.iter().find_map(|container| {
        let mounts = list(container, "volumeMounts").into_iter();
        let mut mounts = mounts.filter(|mount| mount["name"] == volume["name"]);
        Some((container, mounts.next()?))
    })?;
    let folder = mount["mountPath"].as_str().unwrap_or(DATA).to_owned();
    let some = |from: &Value, names: &[&str]| -> Map<String, Value> {
        let there = names.iter().filter(|name| !from[**name].is_null());
        there
            .map(|name| ((*name).to_owned(), from[*name].clone()))
            .collect()
    };
    let mut its = some(
        container,
        &["image", "imagePullPolicy", "securityContext", "resources"],
    );
    its.extend(fields(json!({
        "name": CONTAINER,
        "command": ["sleep", LONGEST.to_string()],
        "volumeMounts": [{"name": volume["name"], "mountPath": folder}],
    })));
    let mut spec = some(
        spec,
        &[
            "securityContext",
            "imagePullSecrets",
            "nodeSelector",
            "tolerations",
            "affinity",
            "runtimeClassName",
        ],
    );
    spec.extend(fields(json!({
        "automountServiceAccountToken": false,
        "enableServiceLinks": false,
        "activeDeadlineSeconds": LONGEST,
        // What only sleeps has nothing to end.
        "terminationGracePeriodSeconds": 1,
        "containers": [its],
        "volumes": [volume],
    })));
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "generateName": "boatyard-data-",
            // None that a Service or a set would take for its own.
            "labels": {"app.kubernetes.io/managed-by": "boatyard", CARRIER: owner.project()},
        },
        "spec": spec,
    });
    Some(Carrier {
        claim: claim.to_owned(),
        folder,
        pod,
    })
}

fn fields(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_claim_is_carried_as_what_has_it() {
        let text = "
{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: uploads}}
---
{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data-db}}
---
{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: of-nobody}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    metadata: {labels: {app: web}}
    spec:
      serviceAccountName: web
      initContainers: [{name: wait}]
      containers:
      - {name: proxy, image: proxy}
      - {name: web, image: 'web@sha256:1', args: [start], volumeMounts: [{name: tmp, mountPath: /tmp}, {name: files, mountPath: /srv}]}
      volumes: [{name: tmp, emptyDir: {}}, {name: files, persistentVolumeClaim: {claimName: uploads}}]
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  template:
    spec:
      securityContext: {runAsUser: 999}
      containers: [{name: db, image: db, securityContext: {readOnlyRootFilesystem: true}, volumeMounts: [{name: data, mountPath: /var/lib}]}]
      volumes: [{name: data, persistentVolumeClaim: {claimName: data-db}}]
";
        let all = carriers(
            &Owner::new("shop"),
            &Manifest::read(text, "the test").unwrap(),
        );
        let places: Vec<_> = all
            .iter()
            .map(|one| (one.claim.as_str(), one.folder.as_str()))
            .collect();
        assert_eq!(places, [("data-db", "/var/lib"), ("uploads", "/srv")]);
        let spec = &all[0].pod["spec"];
        assert_eq!(spec["securityContext"]["runAsUser"], 999);
        assert_eq!(
            spec["containers"][0]["securityContext"]["readOnlyRootFilesystem"],
            true
        );
        let web = &all[1].pod;
        assert_eq!(web["spec"]["containers"].as_array().unwrap().len(), 1);
        let container = &web["spec"]["containers"][0];
        assert_eq!(
            (&container["image"], &container["args"]),
            (&json!("web@sha256:1"), &Value::Null)
        );
        assert_eq!(container["volumeMounts"].as_array().unwrap().len(), 1);
        assert_eq!(web["spec"]["volumes"].as_array().unwrap().len(), 1);
        assert_eq!(web["spec"]["serviceAccountName"], Value::Null);
        assert_eq!(web["metadata"]["labels"]["app"], Value::Null);
    }
}
