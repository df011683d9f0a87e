//! A file that nobody can hold in the head is two files.

use crate::finding::Finding;
use crate::tree::Tree;

/// Lines that a Rust file may have, tests included.
pub const LIMIT: usize = 350;

/// Rust files longer than [`LIMIT`].
pub fn check(tree: &Tree) -> Vec<Finding> {
    tree.with_extension("rs")
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|&(_, lines)| lines > LIMIT)
        .map(|(path, lines)| {
            let message = format!("{lines} lines, at most {LIMIT}: split it by ideas");
            Finding::file("length", path, message)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{LIMIT, check};
    use crate::tree::Tree;

    #[test]
    fn the_limit_itself_is_allowed() {
        let fits = "\n".repeat(LIMIT);
        let long = "\n".repeat(LIMIT + 1);
        let findings = check(&Tree::of(&[
            ("a.rs", &fits),
            ("b.rs", &long),
            ("c.md", &long),
        ]));
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].path, "b.rs");
    }
}
