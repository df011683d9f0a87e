//! What the cluster holds, its versions, and those who watch it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::controller;

/// Changes that are remembered for watches that begin in the past.
const HISTORY: usize = 4096;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub plural: String,
    pub namespace: String,
    pub name: String,
}

impl Key {
    pub fn new(plural: &str, namespace: &str, name: &str) -> Self {
        let [plural, namespace, name] = [plural, namespace, name].map(str::to_owned);
        Self {
            plural,
            namespace,
            name,
        }
    }
}

/// A change, as a watch tells it.
#[derive(Clone)]
pub struct Change {
    pub version: u64,
    pub what: &'static str,
    pub object: Arc<Value>,
}

/// Of what somebody wants to know.
#[derive(Clone)]
pub struct Filter {
    pub plural: String,
    pub namespace: Option<String>,
    pub labels: Option<String>,
}

impl Filter {
    fn is_about(&self, key: &Key) -> bool {
        let elsewhere = |namespace: &String| *namespace != key.namespace;
        self.plural == key.plural && !self.namespace.as_ref().is_some_and(elsewhere)
    }

    fn takes(&self, object: &Value) -> bool {
        let mut wanted = self.labels.iter().flat_map(|all| all.split(','));
        wanted.all(|one| {
            let (name, value) = one
                .split_once('=')
                .map_or((one, None), |(a, b)| (a, Some(b)));
            let there = object["metadata"]["labels"][name].as_str();
            there.is_some() && (value.is_none() || value == there)
        })
    }
}

#[derive(Default)]
pub struct Store {
    objects: BTreeMap<Key, Arc<Value>>,
    pub version: u64,
    history: VecDeque<(Key, Arc<Value>, Change)>,
    /// The newest version that is forgotten.
    pub floor: u64,
    watches: Vec<(Filter, UnboundedSender<Change>)>,
    /// Pods of these namespaces are not ready, and were started again so often.
    pub sick: BTreeMap<String, u32>,
    /// Deployments of which something is to run.
    pub awake: BTreeSet<Key>,
    /// At most so many there were at once.
    pub most_awake: usize,
}

impl Store {
    pub fn get(&self, key: &Key) -> Option<&Value> {
        self.objects.get(key).map(AsRef::as_ref)
    }

    pub fn all(&self) -> impl Iterator<Item = (&Key, &Value)> {
        self.objects.iter().map(|(key, object)| (key, &**object))
    }

    pub fn list(&self, filter: &Filter) -> Vec<Arc<Value>> {
        let all = self.objects.iter();
        let ours = all.filter(|(key, object)| filter.is_about(key) && filter.takes(object));
        ours.map(|(_, object)| Arc::clone(object)).collect()
    }

    /// What there was before the last so many changes.
    pub fn list_before(&self, filter: &Filter, changes: u64) -> Vec<Arc<Value>> {
        let all = self.objects.iter();
        let about = all.filter(|(key, _)| filter.is_about(key));
        let mut then: BTreeMap<&Key, Arc<Value>> = about
            .map(|(key, object)| (key, Arc::clone(object)))
            .collect();
        let since = self.version.saturating_sub(changes);
        let undone = self.history.iter().rev();
        for (key, before, _) in undone.take_while(|(_, _, change)| change.version > since) {
            if before.is_null() {
                then.remove(key);
            } else if filter.is_about(key) {
                then.insert(key, Arc::clone(before));
            }
        }
        then.into_values()
            .filter(|object| filter.takes(object))
            .collect()
    }

    /// What changes after `since`; none: that is forgotten.
    pub fn watch(&mut self, filter: &Filter, since: u64) -> Option<UnboundedReceiver<Change>> {
        if since < self.floor {
            return None;
        }
        let (sender, changes) = unbounded_channel();
        for (key, before, change) in &self.history {
            if change.version > since && filter.is_about(key) {
                tell(filter, &sender, before, change);
            }
        }
        self.watches.push((filter.clone(), sender));
        Some(changes)
    }

    /// Writes an object, if it is another one; what follows from it, follows.
    pub fn put(&mut self, key: &Key, mut object: Value) -> Value {
        let before = self.objects.get(key).cloned();
        let old = before.as_deref().unwrap_or(&Value::Null);
        let metadata = &mut object["metadata"];
        metadata["name"] = json!(key.name);
        if !key.namespace.is_empty() {
            metadata["namespace"] = json!(key.namespace);
        }
        for kept in ["uid", "creationTimestamp", "resourceVersion", "generation"] {
            metadata[kept] = old["metadata"][kept].clone();
        }
        if *old == object {
            return object;
        }
        if old.is_null() {
            object["metadata"]["uid"] = json!(format!("uid-{}", self.version + 1));
            object["metadata"]["creationTimestamp"] = json!("2026-01-01T00:00:00Z");
        }
        if old["spec"] != object["spec"] {
            let generation = old["metadata"]["generation"].as_u64().unwrap_or(0) + 1;
            object["metadata"]["generation"] = json!(generation);
        } else if old.is_null() {
            object["metadata"]["generation"] = json!(1);
        }
        let what = if old.is_null() { "ADDED" } else { "MODIFIED" };
        let before = before.unwrap_or_default();
        let written = self.log(key, before, what, object);
        controller::follow(self, key, &written);
        (*written).clone()
    }

    pub fn delete(&mut self, key: &Key) -> bool {
        let Some(object) = self.objects.get(key).cloned() else {
            return false;
        };
        if key.plural == "namespaces" {
            let inside = self.objects.keys().filter(|one| one.namespace == key.name);
            for one in inside.cloned().collect::<Vec<_>>() {
                self.awake.remove(&one);
                self.remove(&one);
            }
        }
        self.remove(key);
        controller::follow(self, key, &object);
        true
    }

    fn remove(&mut self, key: &Key) {
        if let Some(object) = self.objects.get(key).cloned() {
            self.log(key, Arc::clone(&object), "DELETED", (*object).clone());
            self.objects.remove(key);
        }
    }

    fn log(
        &mut self,
        key: &Key,
        before: Arc<Value>,
        what: &'static str,
        mut object: Value,
    ) -> Arc<Value> {
        self.version += 1;
        object["metadata"]["resourceVersion"] = json!(self.version.to_string());
        let object = Arc::new(object);
        self.objects.insert(key.clone(), Arc::clone(&object));
        let change = Change {
            version: self.version,
            what,
            object: Arc::clone(&object),
        };
        self.watches.retain(|(_, sender)| !sender.is_closed());
        for (filter, sender) in &self.watches {
            if filter.is_about(key) {
                tell(filter, sender, &before, &change);
            }
        }
        self.history.push_back((key.clone(), before, change));
        if self.history.len() > HISTORY {
            let oldest = self.history.pop_front();
            self.floor = oldest.map_or(self.floor, |(_, _, change)| change.version);
        }
        object
    }

    /// Forgets what was, as etcd does when it is compacted.
    pub fn compact(&mut self) {
        self.history.clear();
        self.floor = self.version;
    }

    /// What somebody watches now.
    pub fn watched(&mut self) -> Vec<Filter> {
        self.watches.retain(|(_, sender)| !sender.is_closed());
        self.watches
            .iter()
            .map(|(filter, _)| filter.clone())
            .collect()
    }

    /// Ends all watches.
    pub fn end_watches(&mut self) {
        self.watches.clear();
    }
}

/// What is no longer what somebody wants to know of, is gone for him.
fn tell(filter: &Filter, sender: &UnboundedSender<Change>, before: &Value, change: &Change) {
    let (was, is) = (filter.takes(before), filter.takes(&change.object));
    let what = match (was, is) {
        (_, true) if change.what == "DELETED" => "DELETED",
        (true, true) => change.what,
        (false, true) => "ADDED",
        (true, false) => "DELETED",
        (false, false) => return,
    };
    let change = Change {
        what,
        ..change.clone()
    };
    let _ = sender.send(change);
}
