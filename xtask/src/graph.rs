//! Which crate depends on which, as cargo says.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail};
use serde::Deserialize;

/// Packages of the workspace and what they are built from. Development dependencies are left out: what a test links
/// does not reach a user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Graph {
    /// Names of the workspace's own packages.
    pub members: BTreeSet<String>,
    /// Direct dependencies of every package.
    pub edges: BTreeMap<String, BTreeSet<String>>,
}

impl Graph {
    /// Asks cargo. Fails if it does not answer.
    pub fn read(root: &Path) -> anyhow::Result<Self> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args(["metadata", "--format-version", "1"])
            .args(["--filter-platform", "x86_64-unknown-linux-gnu"])
            .current_dir(root)
            .output()
            .context("cannot run cargo metadata")?;
        if !output.status.success() {
            let words = String::from_utf8_lossy(&output.stderr);
            bail!("cargo metadata failed: {}", words.trim());
        }
        Self::parse(&output.stdout)
    }

    /// From what `cargo metadata --format-version 1` prints.
    pub fn parse(json: &[u8]) -> anyhow::Result<Self> {
        let metadata: Metadata =
            serde_json::from_slice(json).context("cannot read what cargo metadata printed")?;
        let names: BTreeMap<&str, &str> = metadata
            .packages
            .iter()
            .map(|package| (package.id.as_str(), package.name.as_str()))
            .collect();
        let name = |id: &str| names.get(id).copied().unwrap_or(id).to_owned();
        let mut graph = Self {
            members: metadata
                .workspace_members
                .iter()
                .map(|id| name(id))
                .collect(),
            edges: BTreeMap::new(),
        };
        for node in &metadata.resolve.nodes {
            let built = node.deps.iter().filter(|dependency| {
                dependency
                    .dep_kinds
                    .iter()
                    .any(|kind| kind.kind.as_deref() != Some("dev"))
            });
            let all = graph.edges.entry(name(&node.id)).or_default();
            all.extend(built.map(|dependency| name(&dependency.pkg)));
        }
        Ok(graph)
    }

    /// Everything that `package` is built from, directly or not.
    pub fn closure<'a>(&'a self, package: &'a str) -> BTreeSet<&'a str> {
        let mut seen = BTreeSet::new();
        let mut left = vec![package];
        while let Some(next) = left.pop() {
            for dependency in self.edges.get(next).into_iter().flatten() {
                if seen.insert(dependency.as_str()) {
                    left.push(dependency);
                }
            }
        }
        seen
    }
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_members: Vec<String>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<Kind>,
}

#[derive(Deserialize)]
struct Kind {
    kind: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::Graph;

    #[test]
    fn what_only_tests_need_is_left_out() {
        let graph = Graph::parse(
            br#"{"packages":[{"id":"a#1","name":"a"},{"id":"b#1","name":"b"},{"id":"c#1","name":"c"}],
                 "workspace_members":["a#1"],
                 "resolve":{"nodes":[
                   {"id":"a#1","deps":[{"pkg":"b#1","dep_kinds":[{"kind":null}]},{"pkg":"c#1","dep_kinds":[{"kind":"dev"}]}]},
                   {"id":"b#1","deps":[]},{"id":"c#1","deps":[]}]}}"#,
        )
        .expect("it is what cargo prints");
        assert_eq!(graph.closure("a").into_iter().collect::<Vec<_>>(), ["b"]);
        assert!(graph.members.contains("a"));
    }
}
