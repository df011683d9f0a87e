//! The pure crates say so to clippy: each has a clippy.toml that forbids the world, with reasons.

use crate::finding::Finding;
use crate::tree::Tree;

/// Crates that never touch files, processes, the network, the clock or chance.
const PURE: [&str; 3] = ["plan", "harden", "preview"];

/// A few of what must be forbidden, one for each part of the world.
const FORBIDDEN: [&str; 8] = [
    "std::fs::File",
    "std::fs::read",
    "std::fs::write",
    "std::process::Command",
    "std::net::TcpStream",
    "std::env::var",
    "std::time::SystemTime::now",
    "std::thread::spawn",
];

/// Pure crates without their clippy.toml, and entries of it without a reason.
pub fn check(tree: &Tree) -> Vec<Finding> {
    PURE.iter()
        .filter(|name| {
            tree.files
                .contains_key(&format!("crates/{name}/Cargo.toml"))
        })
        .flat_map(|name| of_crate(tree, &format!("crates/{name}/clippy.toml")))
        .collect()
}

fn of_crate(tree: &Tree, path: &str) -> Vec<Finding> {
    let Some(text) = tree.files.get(path) else {
        return vec![Finding::file(
            "purity",
            path,
            "is missing: a pure crate forbids the world there",
        )];
    };
    let missing = FORBIDDEN
        .iter()
        .filter(|what| !text.contains(&format!("path = \"{what}\"")))
        .map(|what| Finding::file("purity", path, format!("does not forbid {what}")));
    let silent = text
        .lines()
        .enumerate()
        .filter(|(_, line)| line.contains("path = ") && !line.contains("reason = \""))
        .map(|(index, _)| Finding::line("purity", path, index + 1, "forbids without a reason"));
    missing.chain(silent).collect()
}

#[cfg(test)]
mod tests {
    use super::{FORBIDDEN, check};
    use crate::tree::Tree;

    const CRATE: (&str, &str) = ("crates/plan/Cargo.toml", "");

    #[test]
    fn a_pure_crate_forbids_the_world() {
        use std::fmt::Write as _;
        let full = FORBIDDEN.iter().fold(String::new(), |mut text, what| {
            let _ = writeln!(text, "{{ path = \"{what}\", reason = \"pure\" }},");
            text
        });
        assert!(check(&Tree::of(&[CRATE, ("crates/plan/clippy.toml", &full)])).is_empty());
        let holed = full.replace("std::env::var", "std::env::other");
        assert_eq!(
            check(&Tree::of(&[CRATE, ("crates/plan/clippy.toml", &holed)])).len(),
            1
        );
        let silent = full.replacen(", reason = \"pure\"", "", 1);
        assert_eq!(
            check(&Tree::of(&[CRATE, ("crates/plan/clippy.toml", &silent)])).len(),
            1
        );
        assert_eq!(check(&Tree::of(&[CRATE])).len(), 1);
        assert!(
            check(&Tree::of(&[])).is_empty(),
            "a crate that does not exist yet needs nothing"
        );
    }
}
