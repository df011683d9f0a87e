//! References to what has another name now.

use serde_json::Value;

use super::folder::kind;

/// An object that has another name now.
#[derive(Clone, Debug)]
pub struct Renamed {
    pub kind: String,
    pub before: String,
    pub now: String,
}

/// Lets what `value` refers to by its old name be found under the new one.
pub fn follow(value: &mut Value, renamed: &[Renamed]) {
    let kind = kind(value).to_owned();
    // What is in these is somebody's data.
    if renamed.is_empty() || matches!(kind.as_str(), "ConfigMap" | "Secret") {
        return;
    }
    let Some(map) = value.as_object_mut() else {
        return;
    };
    for (key, inside) in map.iter_mut().filter(|(key, _)| *key != "metadata") {
        walk(key, inside, &kind, renamed);
    }
}

fn walk(key: &str, value: &mut Value, within: &str, renamed: &[Renamed]) {
    let mut refers = |key: &str, kind: &str| {
        if let Some(Value::String(name)) = value.get_mut(key) {
            change(name, kind, renamed);
        }
    };
    match key {
        "configMapRef" | "configMapKeyRef" | "configMap" => refers("name", "ConfigMap"),
        "secretRef" | "secretKeyRef" => refers("name", "Secret"),
        "secret" => {
            refers("secretName", "Secret");
            refers("name", "Secret");
        }
        "persistentVolumeClaim" => refers("claimName", "PersistentVolumeClaim"),
        "service" if within == "Ingress" => refers("name", "Service"),
        "scaleTargetRef" | "roleRef" => {
            let kind = value.get("kind").and_then(Value::as_str);
            let kind = kind.unwrap_or_default().to_owned();
            if let Some(Value::String(name)) = value.get_mut("name") {
                change(name, &kind, renamed);
            }
        }
        "imagePullSecrets" | "secrets" | "tls" | "subjects" => {
            for one in value.as_array_mut().into_iter().flatten() {
                let (field, kind) = match key {
                    "tls" => ("secretName", "Secret"),
                    "subjects" => ("name", "ServiceAccount"),
                    _ => ("name", "Secret"),
                };
                if let Some(Value::String(name)) = one.get_mut(field) {
                    change(name, kind, renamed);
                }
            }
        }
        _ => {}
    }
    match value {
        Value::String(name) if key == "serviceAccountName" => {
            change(name, "ServiceAccount", renamed);
        }
        Value::String(name) if key == "serviceName" && within == "StatefulSet" => {
            change(name, "Service", renamed);
        }
        Value::Object(map) => {
            for (key, inside) in map {
                walk(key, inside, within, renamed);
            }
        }
        Value::Array(list) => {
            for one in list {
                walk("", one, within, renamed);
            }
        }
        _ => {}
    }
}

fn change(name: &mut String, kind: &str, renamed: &[Renamed]) {
    let found = renamed
        .iter()
        .find(|one| one.kind == kind && one.before == *name);
    if let Some(found) = found {
        name.clone_from(&found.now);
    }
}
