//! Objects as a cluster gives them.

use kube::api::DynamicObject;
use serde_json::Value;

/// What is left of an object without what the server keeps for itself, so that two of them can be compared.
pub fn essence(object: DynamicObject) -> Value {
    let mut value = serde_json::to_value(object).expect("an object came from JSON");
    if let Some(fields) = value.as_object_mut() {
        fields.remove("status");
    }
    if let Some(metadata) = value.get_mut("metadata").and_then(Value::as_object_mut) {
        for field in [
            "managedFields",
            "resourceVersion",
            "generation",
            "uid",
            "creationTimestamp",
            "selfLink",
        ] {
            metadata.remove(field);
        }
        // Written by controllers at their own time.
        if let Some(annotations) = metadata
            .get_mut("annotations")
            .and_then(Value::as_object_mut)
        {
            annotations.remove("deployment.kubernetes.io/revision");
            if annotations.is_empty() {
                metadata.remove("annotations");
            }
        }
    }
    value
}

/// What is gone already is as it should be.
pub fn absent<T>(deleted: kube::Result<T>) -> kube::Result<()> {
    match deleted {
        Err(kube::Error::Api(status)) if status.is_not_found() => Ok(()),
        other => other.map(drop),
    }
}
