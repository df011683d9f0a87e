//! The files that a Compose file names, and where it names them.
//!
//! ```text
//! a/compose.yaml: "env_file: web.env"  ->  Named { said: "web.env", places: [a/web.env, web.env], what: Variables }
//! ```

use super::interpolate::fill;
use super::reader::pairs;
use crate::yaml::{Node, read};

/// A file that a Compose file names.
#[derive(Clone, Debug)]
pub struct Named {
    /// Where it stands.
    pub node: Node,
    /// What is said there.
    pub said: String,
    /// Where it may lie, relative to where the Compose file's own path begins, the likeliest place first: with several files (`-f a -f b/c`)
    /// all paths are relative to the first one, which lies further up.
    pub places: Vec<String>,
    /// What it is named for.
    pub what: What,
}

/// What a file is named for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Its services are added.
    Include,
    /// One of its services is the base of another.
    Extends,
    /// Its variables are those of a service.
    Variables {
        /// Whether it may be missing.
        optional: bool,
    },
}

/// All files that the Compose file at `path` names, but those that are not on this machine or depend on variables.
pub fn named(path: &str, root: &Node) -> Vec<Named> {
    let mut found = Vec::new();
    let mut add = |node: &Node, what| found.extend(file(path, node, what));
    for one in root.list("include") {
        for node in each(&one.get("path").unwrap_or_else(|| one.clone())) {
            add(&node, What::Include);
        }
        for node in one.get("env_file").iter().flat_map(each) {
            add(&node, What::Variables { optional: false });
        }
    }
    for (_, service) in root.get("services").iter().flat_map(pairs) {
        if let Some(file) = service.at(&["extends", "file"]) {
            add(&file, What::Extends);
        }
        for one in service.get("env_file").iter().flat_map(each) {
            let required = one.get("required").and_then(|node| node.truth());
            let optional = required == Some(false);
            let node = one.get("path").unwrap_or(one);
            add(&node, What::Variables { optional });
        }
    }
    found
}

/// The file that `node` of the Compose file at `path` says, unless it is not on this machine or depends on variables.
pub fn file(path: &str, node: &Node, what: What) -> Option<Named> {
    let said = node.text()?;
    let filled = fill(said);
    let elsewhere = said.contains("://") || said.starts_with(['/', '~', '-']) || said.contains('@');
    let is_here = filled.unset.is_empty() && !elsewhere && !filled.text.is_empty();
    is_here.then(|| Named {
        node: node.clone(),
        said: said.to_owned(),
        places: places(path, &filled.text),
        what,
    })
}

/// All files that a text names: places, and whether a Compose file lies there.
pub fn named_in(path: &str, text: &str) -> Vec<(Vec<String>, bool)> {
    let documents = read(text).0;
    let all = documents.first().map(|first| named(path, &first.root));
    let all = all.unwrap_or_default().into_iter();
    all.map(|one| {
        let is_compose = matches!(one.what, What::Include | What::Extends);
        (one.places, is_compose)
    })
    .collect()
}

fn each(node: &Node) -> Vec<Node> {
    if node.is_list() {
        node.items()
    } else {
        vec![node.clone()]
    }
}

/// `said` below the folder of `path`, and below each folder that this lies in.
fn places(path: &str, said: &str) -> Vec<String> {
    let mut places = Vec::new();
    let mut folder = path;
    while let Some((above, _)) = folder.rsplit_once('/') {
        places.push(below(above, said));
        folder = above;
    }
    places.push(below("", said));
    places.dedup();
    places
}

/// `said` as seen from `folder`, without steps that lead nowhere; it may begin with `..`.
fn below(folder: &str, said: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(said.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let root = if folder.starts_with('/') { "/" } else { "" };
    format!("{root}{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::{named_in, places};

    #[test]
    fn where_files_may_lie() {
        for (path, said, expected) in [
            ("compose.yaml", "web.env", &["web.env"][..]),
            (
                "a/b/c.yaml",
                "./web.env",
                &["a/b/web.env", "a/web.env", "web.env"],
            ),
            ("a/c.yaml", "../web.env", &["web.env", "../web.env"]),
            ("../c.yaml", "x", &["../x", "x"]),
            ("/srv/c.yaml", "x", &["/srv/x", "x"]),
        ] {
            assert_eq!(places(path, said), expected, "{path} {said}");
        }
    }

    #[test]
    fn what_is_named() {
        let text = "
include: [a.yaml, {path: [b.yaml, oci://c], env_file: b.env}]
services:
  web:
    extends: {file: '${BASE:-d}.yaml', service: x}
    env_file: [web.env, {path: '${NOWHERE}', required: false}, {path: /etc/e}]
";
        let found = named_in("c.yaml", text);
        let found: Vec<(&str, bool)> = found
            .iter()
            .map(|(places, is_compose)| (places[0].as_str(), *is_compose))
            .collect();
        let expected = [
            ("a.yaml", true),
            ("b.yaml", true),
            ("b.env", false),
            ("d.yaml", true),
            ("web.env", false),
        ];
        assert_eq!(found, expected);
    }
}
