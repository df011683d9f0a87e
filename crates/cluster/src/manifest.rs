//! Manifests: what is sent to a cluster.

use std::fmt;

use boatyard_plan::failure::{Failure, Fault};
use kube::api::GroupVersionKind;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The annotation of a job that says when it runs, and of what has to be ready before jobs begin.
pub const WHEN: &str = "boatyard.dev/when";
/// The annotation of a job that says which one it is of those of its moment: a number.
pub const ORDER: &str = "boatyard.dev/order";

/// When a job runs, or what jobs need begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Before jobs, which wait until it is ready: `first`, of workloads.
    First,
    /// Before anything is rolled out: `before-deploy`.
    Before,
    /// Once all is ready: `after-deploy`.
    After,
    /// Before all is taken away, by whoever does that: `before-removal`, of what makes jobs.
    Last,
}

/// An object with `apiVersion`, `kind` and a name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Manifest {
    value: Value,
}

/// What identifies an object in a namespace: `Deployment/web`. Ordered by kind, then name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Id {
    /// Its kind, without group and version.
    pub kind: String,
    /// Its name.
    pub name: String,
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.name)
    }
}

/// Why a text is not a list of manifests.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is not YAML.
    #[error("{origin} is not YAML")]
    Syntax {
        /// Where the text is from.
        origin: String,
        /// What is wrong, and where.
        source: Box<serde_saphyr::Error>,
    },
    /// A document of it is not an object of Kubernetes.
    #[error("document {number} of {origin} has no {field}")]
    Incomplete {
        /// Where the text is from.
        origin: String,
        /// Which document of it, from 1.
        number: usize,
        /// What is not there.
        field: &'static str,
    },
}

impl Failure for Error {
    fn fault(&self) -> Fault {
        Fault::User
    }
}

impl Manifest {
    /// Reads all documents of a YAML text; empty ones are left out, a `List` is what is in it.
    pub fn read(text: &str, origin: &str) -> Result<Vec<Self>, Error> {
        let documents: Vec<Value> =
            serde_saphyr::from_multiple(text).map_err(|source| Error::Syntax {
                origin: origin.to_owned(),
                source: Box::new(source),
            })?;
        let mut manifests = Vec::new();
        for (index, document) in documents.into_iter().enumerate() {
            let items = match document {
                Value::Null => continue,
                Value::Object(mut list) if list.get("kind").is_some_and(|kind| kind == "List") => {
                    match list.remove("items") {
                        Some(Value::Array(items)) => items,
                        _ => Vec::new(),
                    }
                }
                one => vec![one],
            };
            for value in items {
                let manifest = Self::of(value).map_err(|field| Error::Incomplete {
                    origin: origin.to_owned(),
                    number: index + 1,
                    field,
                })?;
                manifests.push(manifest);
            }
        }
        Ok(manifests)
    }

    /// From an object; an error is the field that is not there.
    pub fn of(value: Value) -> Result<Self, &'static str> {
        let fields = [
            ("apiVersion", "/apiVersion"),
            ("kind", "/kind"),
            ("metadata.name", "/metadata/name"),
        ];
        let there = |path| {
            value
                .pointer(path)
                .and_then(Value::as_str)
                .is_some_and(|text| !text.is_empty())
        };
        match fields.into_iter().find(|(_, path)| !there(path)) {
            Some((field, _)) => Err(field),
            None => Ok(Self { value }),
        }
    }

    /// All of it.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// All of it in YAML.
    ///
    /// # Panics
    ///
    /// Not in practice: JSON is YAML.
    pub fn text(&self) -> String {
        serde_saphyr::to_string(&self.value).expect("JSON is YAML")
    }

    /// Group, version and kind.
    pub fn kind(&self) -> GroupVersionKind {
        let version = self.at("/apiVersion");
        let (group, version) = version.split_once('/').unwrap_or(("", version));
        GroupVersionKind::gvk(group, version, self.at("/kind"))
    }

    /// What it is called among those of its kind.
    pub fn name(&self) -> &str {
        self.at("/metadata/name")
    }

    /// The namespace that it names itself.
    pub fn namespace(&self) -> Option<&str> {
        self.value.pointer("/metadata/namespace")?.as_str()
    }

    /// Kind and name.
    pub fn id(&self) -> Id {
        Id {
            kind: self.at("/kind").to_owned(),
            name: self.name().to_owned(),
        }
    }

    /// When it runs, if it has a moment of its own.
    pub fn moment(&self) -> Option<Moment> {
        match (self.at("/kind"), self.annotation(WHEN)?) {
            ("StatefulSet" | "Deployment", "first") => Some(Moment::First),
            ("Job", "before-deploy") => Some(Moment::Before),
            ("Job", "after-deploy") => Some(Moment::After),
            ("CronJob", "before-removal") => Some(Moment::Last),
            _ => None,
        }
    }

    /// Which one it is of those of its moment; 0 where nothing is said.
    pub fn order(&self) -> u32 {
        let order = self.annotation(ORDER).and_then(|order| order.parse().ok());
        order.unwrap_or(0)
    }

    fn annotation(&self, name: &str) -> Option<&str> {
        let annotations = self.value.pointer("/metadata/annotations")?;
        annotations.get(name)?.as_str()
    }

    /// The same with these labels on the object itself; what it makes (pods) keeps its own.
    #[must_use]
    pub fn labelled(mut self, labels: &[(&str, &str)]) -> Self {
        // A manifest has metadata; labels that are null are none.
        let had = &mut self.value["metadata"]["labels"];
        // What else is no map at all is for the cluster to refuse.
        if had.is_null() || had.is_object() {
            for &(key, value) in labels {
                had[key] = value.into();
            }
        }
        self
    }

    /// The same under another name.
    #[must_use]
    pub fn renamed(mut self, name: &str) -> Self {
        self.value["metadata"]["name"] = name.into();
        self
    }

    fn at(&self, path: &str) -> &str {
        let text = self.value.pointer(path).and_then(Value::as_str);
        text.expect("looked at when the manifest was made")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_lists_and_what_is_not_there() {
        let text = "---\n# nothing\n---\n{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Secret, \
                    metadata: {name: a}}]}\n---\n{apiVersion: apps/v1, kind: Deployment, metadata: {name: b}}\n";
        let found = Manifest::read(text, "all.yaml").unwrap();
        let ids: Vec<String> = found.iter().map(|one| one.id().to_string()).collect();
        assert_eq!(ids, ["Secret/a", "Deployment/b"]);
        for (text, expected) in [
            ("kind: A", "document 1 of a.yaml has no apiVersion"),
            (
                "{apiVersion: v1, kind: A}",
                "document 1 of a.yaml has no metadata.name",
            ),
            ("just words", "document 1 of a.yaml has no apiVersion"),
            ("a: [", "a.yaml is not YAML"),
        ] {
            let error = Manifest::read(text, "a.yaml").unwrap_err();
            assert_eq!(error.to_string(), expected);
        }
    }
}
