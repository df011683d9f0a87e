//! Every crate takes the workspace's lints.

use crate::finding::Finding;
use crate::tree::Tree;

/// Crates without `[lints] workspace = true`.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let is_ours = |path: &str| {
        path == "xtask/Cargo.toml" || (path.starts_with("crates/") && path.split('/').count() == 3)
    };
    tree.files
        .iter()
        .filter(|(path, _)| path.ends_with("/Cargo.toml") && is_ours(path))
        .filter(|(_, text)| !text.contains("[lints]\nworkspace = true"))
        .map(|(path, _)| {
            Finding::file(
                "lints",
                path,
                "does not take the workspace's lints: [lints] workspace = true",
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tree::Tree;

    #[test]
    fn a_crate_takes_the_lints() {
        let tree = Tree::of(&[
            ("crates/a/Cargo.toml", "[lints]\nworkspace = true\n"),
            ("crates/b/Cargo.toml", "[package]\n"),
            ("crates/b/tests/fixture/Cargo.toml", "[package]\n"),
        ]);
        let findings = check(&tree);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].path, "crates/b/Cargo.toml");
    }
}
