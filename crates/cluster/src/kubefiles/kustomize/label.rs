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
    /// Puts them on `value`; an error is where something else is.
    pub fn put(&self, value: &mut Value) -> Result<(), &'static str> {
        if self.pairs.is_empty() {
            return Ok(());
        }
        let kind = kind(value).to_owned();
        let mut paths = vec![("metadata/labels", true)];
        if self.templates {
            paths.extend(templates(&kind).iter().map(|(labels, _)| (*labels, true)));
            if kind == "StatefulSet" {
                paths.push(("spec/volumeClaimTemplates[]/metadata/labels", true));
            }
        }
        if self.selectors {
            paths.extend(selectors(&kind));
        }
        all(value, &paths, self.pairs)
    }
}

/// Puts annotations on `value` and on the pods that it makes; an error is where something else is.
pub fn annotate(value: &mut Value, pairs: &BTreeMap<String, String>) -> Result<(), &'static str> {
    if pairs.is_empty() {
        return Ok(());
    }
    let kind = kind(value).to_owned();
    let mut paths = vec![("metadata/annotations", true)];
    paths.extend(templates(&kind).iter().map(|(_, notes)| (*notes, true)));
    all(value, &paths, pairs)
}

/// Labels and annotations of what is made.
fn templates(kind: &str) -> &'static [(&'static str, &'static str)] {
    match kind {
        "CronJob" => &[
            (
                "spec/jobTemplate/metadata/labels",
                "spec/jobTemplate/metadata/annotations",
            ),
            (
                "spec/jobTemplate/spec/template/metadata/labels",
                "spec/jobTemplate/spec/template/metadata/annotations",
            ),
        ],
        kind if MAKERS.contains(&kind) => &[(
            "spec/template/metadata/labels",
            "spec/template/metadata/annotations",
        )],
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

/// Puts `pairs` into all maps at `paths`, which are made where that is said.
fn all(
    value: &mut Value,
    paths: &[(&'static str, bool)],
    pairs: &BTreeMap<String, String>,
) -> Result<(), &'static str> {
    for (path, makes) in paths {
        put(value, path, pairs, *makes).ok_or(*path)?;
    }
    Ok(())
}

/// Puts `pairs` into the map at `path`, whose parts end with `[]` where there is a list; none: something else is there.
fn put(value: &mut Value, path: &str, pairs: &BTreeMap<String, String>, makes: bool) -> Option<()> {
    let (part, rest) = match path.split_once('/') {
        Some((part, rest)) => (part, Some(rest)),
        None => (path, None),
    };
    let key = part.strip_suffix("[]").unwrap_or(part);
    let Some(map) = value.as_object_mut() else {
        return Some(());
    };
    let is_list = key != part;
    if makes && !is_list && map.get(key).is_none_or(Value::is_null) {
        map.insert(key.to_owned(), Value::Object(Map::new()));
    }
    let Some(next) = map.get_mut(key) else {
        return Some(());
    };
    let each: Vec<&mut Value> = if is_list {
        next.as_array_mut().into_iter().flatten().collect()
    } else {
        vec![next]
    };
    for one in each {
        if let Some(rest) = rest {
            put(one, rest, pairs, makes)?;
            continue;
        }
        if one.is_null() {
            *one = Value::Object(Map::new());
        }
        let texts = pairs.iter();
        let texts = texts.map(|(name, text)| (name.clone(), text.as_str().into()));
        one.as_object_mut()?.extend(texts);
    }
    Some(())
}
