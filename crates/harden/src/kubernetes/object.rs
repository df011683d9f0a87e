//! One object of a cluster.

use std::collections::BTreeMap;

use crate::workspace::{Document, Workspace};
use crate::yaml::Node;

/// One object, and the file that it is in.
#[derive(Clone, Debug)]
pub struct Object<'w> {
    /// The file.
    pub document: &'w Document,
    /// All of it.
    pub root: Node,
    /// `kind`.
    pub kind: String,
    /// `apiVersion`.
    pub version: String,
    /// `metadata.name`, or empty.
    pub name: String,
    /// `metadata.namespace`, or empty.
    pub namespace: String,
}

/// All objects of the workspace, those in lists included.
pub fn objects(workspace: &Workspace) -> Vec<Object<'_>> {
    let mut found = Vec::new();
    for (document, yaml) in workspace.objects() {
        add(document, &yaml.root, &mut found);
    }
    found
}

fn add<'w>(document: &'w Document, root: &Node, found: &mut Vec<Object<'w>>) {
    let (Some(kind), Some(version)) = (root.string("kind"), root.string("apiVersion")) else {
        return;
    };
    if kind == "List" {
        for item in root.list("items") {
            add(document, &item, found);
        }
        return;
    }
    let said = |key: &str| {
        root.at(&["metadata", key])
            .and_then(|node| node.text().map(str::to_owned))
            .unwrap_or_default()
    };
    found.push(Object {
        document,
        name: said("name"),
        namespace: said("namespace"),
        root: root.clone(),
        kind,
        version,
    });
}

impl Object<'_> {
    /// Where its name stands, or where it begins.
    pub fn place(&self) -> std::ops::Range<usize> {
        self.root
            .at(&["metadata", "name"])
            .or_else(|| self.root.get("kind"))
            .map_or(0..0, |node| node.span)
    }
}

/// A mapping of texts.
pub fn labels(node: Option<&Node>) -> BTreeMap<String, String> {
    node.map(|node| {
        node.entries()
            .iter()
            .filter_map(|entry| {
                Some((entry.key.text()?.to_owned(), entry.value.text()?.to_owned()))
            })
            .collect()
    })
    .unwrap_or_default()
}

/// Whether all of `selector` is in `labels`; an empty selector selects nothing here.
pub fn selects(selector: &BTreeMap<String, String>, labels: &BTreeMap<String, String>) -> bool {
    !selector.is_empty()
        && selector
            .iter()
            .all(|(key, value)| labels.get(key) == Some(value))
}
