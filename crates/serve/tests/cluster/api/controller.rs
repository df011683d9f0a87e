//! What controllers and a node make of Deployments, at once.

use serde_json::{Value, json};

use super::store::{Key, Store};

/// What follows from a change of that object.
pub fn follow(store: &mut Store, key: &Key, object: &Value) {
    if key.plural == "deployments" {
        let there = store.get(key).is_some();
        deployment(store, key, if there { object } else { &Value::Null });
    }
    if key.plural == "pods" && store.get(key).is_none() {
        // Its Deployment makes another one.
        let set = object["metadata"]["labels"]["set"].as_str().unwrap_or("");
        let key = Key::new("deployments", &key.namespace, set);
        if let Some(object) = store.get(&key).cloned() {
            deployment(store, &key, &object);
        }
    }
}

fn deployment(store: &mut Store, key: &Key, object: &Value) {
    let replicas = object["spec"]["replicas"].as_u64().unwrap_or(1);
    let replicas = if object.is_null() { 0 } else { replicas };
    let sick = store.sick.get(&key.namespace).copied();
    let set = Key::new("replicasets", &key.namespace, &format!("{}-1", key.name));
    if object.is_null() {
        store.delete(&set);
    } else {
        let made = json!({
            "metadata": {
                "annotations": {"deployment.kubernetes.io/revision": "1"},
                "ownerReferences": [owner("Deployment", object)],
            },
            "spec": {"replicas": replicas, "selector": {}},
        });
        store.put(&set, made);
    }
    let owner = store.get(&set).map(|set| owner("ReplicaSet", set));
    let pod = |number| {
        let name = format!("{}-1-{number}", key.name);
        Key::new("pods", &key.namespace, &name)
    };
    for number in 0..replicas {
        let mut labels = object["spec"]["template"]["metadata"]["labels"].clone();
        labels["set"] = json!(key.name);
        let one = json!({
            "metadata": {"labels": labels, "ownerReferences": [owner]},
            "spec": {"containers": [{"name": "web", "image": "shop"}]},
            "status": status(sick),
        });
        store.put(&pod(number), one);
    }
    let mut number = replicas;
    while store.delete(&pod(number)) {
        number += 1;
    }
    if !object.is_null() {
        let ready = if sick.is_some() { 0 } else { replicas };
        let mut object = store.get(key).cloned().unwrap_or_default();
        object["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = json!("1");
        object["status"] = json!({
            "observedGeneration": object["metadata"]["generation"],
            "replicas": replicas, "updatedReplicas": replicas,
            "readyReplicas": ready, "availableReplicas": ready,
        });
        if store.get(key) != Some(&object) {
            store.put(key, object);
        }
    }
    if replicas == 0 {
        store.awake.remove(key);
    } else {
        store.awake.insert(key.clone());
    }
    store.most_awake = store.most_awake.max(store.awake.len());
}

fn owner(kind: &str, object: &Value) -> Value {
    let metadata = &object["metadata"];
    json!({"apiVersion": "apps/v1", "kind": kind, "name": metadata["name"], "uid": metadata["uid"], "controller": true})
}

fn status(sick: Option<u32>) -> Value {
    let mut container = json!({
        "name": "web", "image": "shop", "imageID": "", "ready": true, "restartCount": 0,
        "state": {"running": {}},
    });
    if let Some(restarts) = sick {
        let ended = json!({"terminated": {"exitCode": 3, "reason": "Error"}});
        container["ready"] = json!(false);
        container["restartCount"] = json!(restarts);
        container["state"] = json!({"waiting": {"reason": "CrashLoopBackOff"}});
        container["lastState"] = ended;
    }
    json!({"phase": "Running", "containerStatuses": [container]})
}
