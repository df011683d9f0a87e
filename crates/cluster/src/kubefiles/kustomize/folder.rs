//! What kustomize makes of a folder.

use serde_json::Value;

use super::super::{Error, Files};
use super::file::Kustomization;
use super::{generate, image, label, patch, reference};
use crate::manifest::Manifest;

/// Names of the file.
const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Kinds that are in no namespace, of those that come in such folders.
const EVERYWHERE: [&str; 15] = [
    "Namespace",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleBinding",
    "PersistentVolume",
    "PriorityClass",
    "StorageClass",
    "IngressClass",
    "RuntimeClass",
    "ValidatingWebhookConfiguration",
    "MutatingWebhookConfiguration",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "APIService",
    "CSIDriver",
];

/// Kinds whose names are left as they are.
const NAMED: [&str; 3] = ["Namespace", "CustomResourceDefinition", "APIService"];

/// An object, and what it was called before.
pub struct Found {
    pub value: Value,
    /// Names that it had: patches know it under each of them.
    pub names: Vec<String>,
}

/// What the folder gives.
pub fn built(files: &Files) -> Result<Vec<Found>, Error> {
    built_within(files, "", &[])
}

/// What the folder at `folder` gives, which those `around` name, each the next; an empty path is the top.
fn built_within(files: &Files, folder: &str, around: &[&str]) -> Result<Vec<Found>, Error> {
    let around = [around, &[folder]].concat();
    let (path, text) = NAMES
        .into_iter()
        .map(|name| join(folder, name))
        .find_map(|path| files.get(&path).map(|text| (path, text)))
        .ok_or_else(|| Error::NotThere {
            file: join(folder, NAMES[0]),
            by: "every folder of kubefiles".to_owned(),
        })?;
    let wanted: Kustomization = read(&path, text)?;
    wanted.check(&path)?;
    let mut all = Vec::new();
    for name in &wanted.resources {
        all.extend(resources(files, &around, name, &path)?);
    }
    let generated = generate::all(files, folder, &path, &wanted)?;
    all.extend(generated.into_iter().map(Found::of));
    for one in &wanted.patches {
        patch::apply(files, folder, &path, one, &mut all)?;
    }
    for one in &mut all {
        one.value = checked(one.value.take(), &path)?;
    }
    if let Some(namespace) = &wanted.namespace {
        place(&mut all, namespace);
    }
    let renamed = rename(&mut all, &wanted.name_prefix, &wanted.name_suffix);
    let no_map = |at: &str| Error::NoMap {
        file: path.clone(),
        path: at.to_owned(),
    };
    for labels in &wanted.labels() {
        for one in &mut all {
            labels.put(&mut one.value).map_err(no_map)?;
        }
    }
    for one in &mut all {
        label::annotate(&mut one.value, &wanted.common_annotations).map_err(no_map)?;
        for image in &wanted.images {
            image::change(&mut one.value, image);
        }
        reference::follow(&mut one.value, &renamed);
    }
    Ok(all)
}

impl Found {
    fn of(value: Value) -> Self {
        let name = text(&value, "/metadata/name").to_owned();
        Self {
            value,
            names: vec![name],
        }
    }
}

/// What a name under `resources` leads to, in the last of the folders `around`.
fn resources(files: &Files, around: &[&str], name: &str, by: &str) -> Result<Vec<Found>, Error> {
    if name.contains("://") || name.contains("?ref=") {
        return Err(Error::Unsupported {
            file: by.to_owned(),
            what: format!("the resource {name}, which is elsewhere,"),
        });
    }
    let path = join(around.last().copied().unwrap_or_default(), name);
    let Some(text) = files.get(&path) else {
        if around.contains(&path.as_str()) {
            return Err(Error::Within {
                folder: name.to_owned(),
                by: by.to_owned(),
            });
        }
        if NAMES
            .iter()
            .any(|file| files.contains_key(&join(&path, file)))
        {
            return built_within(files, &path, around);
        }
        return Err(Error::NotThere {
            file: path,
            by: by.to_owned(),
        });
    };
    let documents: Vec<Value> =
        serde_saphyr::from_multiple(text).map_err(|source| Error::Read {
            file: path.clone(),
            source: Box::new(source),
        })?;
    let there = documents.into_iter().filter(|one| !one.is_null());
    there
        .map(|value| checked(value, &path).map(Found::of))
        .collect()
}

/// The same, if it is an object.
fn checked(value: Value, file: &str) -> Result<Value, Error> {
    let manifest = Manifest::of(value).map_err(|field| Error::Incomplete {
        file: file.to_owned(),
        field,
    })?;
    Ok(manifest.value().clone())
}

/// Puts all into `namespace`, and lets bindings find accounts there.
fn place(all: &mut [Found], namespace: &str) {
    let accounts = all.iter().map(|one| &one.value);
    let accounts = accounts.filter(|one| kind(one) == "ServiceAccount");
    let mut ours: Vec<Value> = accounts
        .map(|one| one["metadata"]["name"].clone())
        .collect();
    ours.push("default".into());
    for Found { value, .. } in all {
        if !EVERYWHERE.contains(&kind(value)) {
            value["metadata"]["namespace"] = namespace.into();
        }
        let subjects = value.get_mut("subjects").and_then(Value::as_array_mut);
        for subject in subjects.into_iter().flatten() {
            if kind(subject) == "ServiceAccount" && ours.contains(&subject["name"]) {
                subject["namespace"] = namespace.into();
            }
        }
    }
}

/// Kind, old and new name of all that has another name now.
fn rename(all: &mut [Found], prefix: &str, suffix: &str) -> Vec<reference::Renamed> {
    let mut renamed = Vec::new();
    for Found { value: one, names } in all {
        let before = text(one, "/metadata/name").to_owned();
        if (prefix.is_empty() && suffix.is_empty()) || NAMED.contains(&kind(one)) {
            continue;
        }
        let now = format!("{prefix}{before}{suffix}");
        renamed.push(reference::Renamed {
            kind: kind(one).to_owned(),
            before,
            now: now.clone(),
        });
        names.push(now.clone());
        one["metadata"]["name"] = now.into();
    }
    renamed
}

pub(super) fn kind(value: &Value) -> &str {
    text(value, "/kind")
}

pub(super) fn text<'a>(value: &'a Value, path: &str) -> &'a str {
    let found = value.pointer(path).and_then(Value::as_str);
    found.unwrap_or_default()
}

/// A path within `folder`; `.` and `..` are followed, as far as there is something above.
pub(super) fn join(folder: &str, name: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

pub(super) fn read<T: serde::de::DeserializeOwned>(path: &str, text: &str) -> Result<T, Error> {
    serde_saphyr::from_str(text).map_err(|source| Error::Read {
        file: path.to_owned(),
        source: Box::new(source),
    })
}
