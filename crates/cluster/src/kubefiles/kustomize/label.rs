//! Labels and annotations: kustomize's tables of where they go.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::folder::kind;

/// Labels, and where they go beside the objects themselves.
#[derive(Clone, Copy, Debug)]
pub struct Labels<'a> {
    pub pairs: &'a BTreeMap<String, String>,
    pub selectors: bool,
    pub templates: bool,
}

/// Kinds that make pods, but for those that make what makes them.
const MAKERS: [&str; 6] = [
    "ReplicationController",
    "Deployment",
    "ReplicaSet",
    "DaemonSet",
    "StatefulSet",
    "Job",
];

impl Labels<'_> {
    /// Puts them on `value`.
    pub fn put(&self, value: &mut Value) {
        if self.pairs.is_empty() {
            return;
        }
        let kind = kind(value).to_owned();
        put(value, "metadata/labels", self.pairs, true);
        if self.templates {
            for path in templates(&kind) {
                put(value, &format!("{path}/labels"), self.pairs, true);
            }
            if kind == "StatefulSet" {
                put(
                    value,
                    "spec/volumeClaimTemplates[]/metadata/labels",
                    self.pairs,
                    true,
                );
            }
        }
        if self.selectors {
            for (path, makes) in selectors(&kind) {
                put(value, path, self.pairs, *makes);
            }
        }
    }
}

/// Puts annotations on `value` and on the pods that it makes.
pub fn annotate(value: &mut Value, pairs: &BTreeMap<String, String>) {
    if pairs.is_empty() {
        return;
    }
    let kind = kind(value).to_owned();
    put(value, "metadata/annotations", pairs, true);
    for path in templates(&kind) {
        put(value, &format!("{path}/annotations"), pairs, true);
    }
}

/// The metadata of what is made.
fn templates(kind: &str) -> &'static [&'static str] {
    match kind {
        "CronJob" => &[
            "spec/jobTemplate/metadata",
            "spec/jobTemplate/spec/template/metadata",
        ],
        kind if MAKERS.contains(&kind) => &["spec/template/metadata"],
        _ => &[],
    }
}

/// What chooses pods, and whether it is made where it is not there.
fn selectors(kind: &str) -> &'static [(&'static str, bool)] {
    match kind {
        "Service" | "ReplicationController" => &[("spec/selector", true)],
        "Deployment" | "ReplicaSet" | "DaemonSet" | "StatefulSet" => &[
            ("spec/selector/matchLabels", true),
            (
                "spec/template/spec/topologySpreadConstraints[]/labelSelector/matchLabels",
                false,
            ),
            (
                "spec/template/spec/affinity/podAffinity/requiredDuringSchedulingIgnoredDuringExecution[]/labelSelector/matchLabels",
                false,
            ),
            (
                "spec/template/spec/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution[]/labelSelector/matchLabels",
                false,
            ),
        ],
        "Job" | "PodDisruptionBudget" => &[("spec/selector/matchLabels", false)],
        "CronJob" => &[("spec/jobTemplate/spec/selector/matchLabels", false)],
        "NetworkPolicy" => &[
            ("spec/podSelector/matchLabels", false),
            ("spec/ingress[]/from[]/podSelector/matchLabels", false),
            ("spec/egress[]/to[]/podSelector/matchLabels", false),
        ],
        _ => &[],
    }
}

/// Puts `pairs` into the map at `path`, whose parts end with `[]` where there is a list.
fn put(value: &mut Value, path: &str, pairs: &BTreeMap<String, String>, makes: bool) {
    let (part, rest) = match path.split_once('/') {
        Some((part, rest)) => (part, Some(rest)),
        None => (path, None),
    };
    let key = part.strip_suffix("[]").unwrap_or(part);
    let Some(map) = value.as_object_mut() else {
        return;
    };
    let is_list = key != part;
    if makes && !is_list && map.get(key).is_none_or(Value::is_null) {
        map.insert(key.to_owned(), Value::Object(Map::new()));
    }
    let Some(next) = map.get_mut(key) else { return };
    let each: Vec<&mut Value> = if is_list {
        next.as_array_mut().into_iter().flatten().collect()
    } else {
        vec![next]
    };
    for one in each {
        match rest {
            Some(rest) => put(one, rest, pairs, makes),
            None => {
                for (name, text) in pairs {
                    one[name] = text.as_str().into();
                }
            }
        }
    }
}
