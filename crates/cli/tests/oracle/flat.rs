//! Layers to one file system, apart from the code under test.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Read;

use sha2::Digest as _;

/// A file system: what is at each absolute path.
#[derive(Default)]
pub struct Flat {
    nodes: BTreeMap<String, Node>,
}

#[derive(Clone, PartialEq, Eq)]
struct Node {
    /// All but the path.
    what: String,
    /// The path that it is a hard link to, or its own.
    first: String,
    folder: bool,
    after: String,
}

impl Flat {
    /// Puts a layer on top.
    pub fn add(&mut self, layer: impl Read) {
        let mut archive = tar::Archive::new(layer);
        let mut mine = BTreeSet::new();
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            let path = normal(&String::from_utf8_lossy(&entry.path_bytes()));
            let (parent, name) = path.rsplit_once('/').unwrap();
            if name == ".wh..wh..opq" {
                let inside = format!("{parent}/");
                self.nodes
                    .retain(|at, _| !at.starts_with(&inside) || mine.contains(at));
                continue;
            }
            if let Some(gone) = name.strip_prefix(".wh.") {
                self.remove(&format!("{parent}/{gone}"), &BTreeSet::new());
                continue;
            }
            let node = self.node(&mut entry, &path);
            if !(node.folder && self.nodes.get(&path).is_some_and(|old| old.folder)) {
                self.remove(&path, &mine);
            }
            mine.insert(path.clone());
            self.nodes.insert(path, node);
        }
    }

    fn remove(&mut self, path: &str, keep: &BTreeSet<String>) {
        let inside = format!("{path}/");
        self.nodes
            .retain(|at, _| (at != path && !at.starts_with(&inside)) || keep.contains(at));
    }

    fn node(&self, entry: &mut tar::Entry<'_, impl Read>, path: &str) -> Node {
        let header = entry.header().clone();
        let mode = header.mode().unwrap() & 0o7777;
        let owner = format!("{}:{}", header.uid().unwrap(), header.gid().unwrap());
        let link = entry
            .link_name_bytes()
            .map(|link| String::from_utf8_lossy(&link).into_owned())
            .unwrap_or_default();
        let mut after = String::new();
        if let Some(records) = entry.pax_extensions().unwrap() {
            for record in records.filter_map(Result::ok) {
                if let Some(name) = record.key().unwrap().strip_prefix("SCHILY.xattr.") {
                    write!(after, " {name}={:x?}", record.value_bytes()).unwrap();
                }
            }
        }
        let kind = header.entry_type();
        let what = match kind {
            tar::EntryType::Directory => format!("d {mode:o} {owner}"),
            tar::EntryType::Symlink => {
                write!(after, " -> {link}").unwrap();
                format!("l {owner}")
            }
            tar::EntryType::Link => {
                let target = normal(&link);
                let node = self.nodes.get(&target);
                return node
                    .unwrap_or_else(|| panic!("{path} links to {target}"))
                    .clone();
            }
            tar::EntryType::Fifo => format!("p {mode:o} {owner}"),
            tar::EntryType::Char | tar::EntryType::Block => {
                let (major, minor) = (header.device_major(), header.device_minor());
                let (major, minor) = (major.unwrap().unwrap(), minor.unwrap().unwrap());
                format!("c {mode:o} {owner} {major}:{minor}")
            }
            _ => {
                let mut bytes = Vec::new();
                entry.read_to_end(&mut bytes).unwrap();
                format!("f {mode:o} {owner} {}", content(&bytes))
            }
        };
        Node {
            what,
            first: path.to_owned(),
            folder: kind.is_dir(),
            after,
        }
    }

    /// What differs from `base`, as lines of a truth.
    pub fn lines_beside(&self, base: &Self) -> Vec<String> {
        let mut lines: Vec<(&str, String)> = Vec::new();
        for (path, node) in &self.nodes {
            if base.nodes.get(path) == Some(node) {
                continue;
            }
            // Which of the names came first in an archive says nothing.
            let first = self
                .nodes
                .iter()
                .find(|(_, other)| other.first == node.first && !node.folder)
                .map_or(path, |(at, _)| at);
            let same = if first == path {
                String::new()
            } else {
                format!(" = {first}")
            };
            lines.push((path, format!("{} {path}{}{same}", node.what, node.after)));
        }
        let gone = |path: &str| base.nodes.contains_key(path) && !self.nodes.contains_key(path);
        for path in base.nodes.keys().filter(|path| gone(path)) {
            let (above, _) = path.rsplit_once('/').unwrap();
            // What is gone with its folder is not told.
            if !gone(above) {
                lines.push((path, format!("- {path}")));
            }
        }
        lines.sort();
        lines.into_iter().map(|(_, line)| line).collect()
    }
}

/// A short text as it is; else its length and the beginning of its SHA-256.
fn content(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if text.len() <= 200 => format!("{text:?}"),
        _ => {
            let digest = sha2::Sha256::digest(bytes);
            let mut text = format!("{} ", bytes.len());
            for byte in digest.iter().take(6) {
                write!(text, "{byte:02x}").unwrap();
            }
            text
        }
    }
}

fn normal(path: &str) -> String {
    let path = path.strip_prefix("./").unwrap_or(path);
    format!("/{}", path.trim_matches('/'))
}
