//! A file is named by what it holds. A name that fits everything says nothing.

use crate::finding::Finding;
use crate::tree::Tree;

/// Words that are no names for a file or folder of ours.
const FORBIDDEN: [&str; 8] = [
    "util", "utils", "common", "helpers", "misc", "shared", "manager", "stuff",
];

/// Files and folders of Rust code with a forbidden name. Examples are other people's code, in spirit.
pub fn check(tree: &Tree) -> Vec<Finding> {
    tree.with_extension("rs")
        .filter(|(path, _)| !path.starts_with("examples/"))
        .filter_map(|(path, _)| {
            let bare = path.strip_suffix(".rs").unwrap_or(path);
            let word = bare.split('/').find(|word| FORBIDDEN.contains(word))?;
            let message = format!("\"{word}\" says nothing: name it by a word of the glossary");
            Some(Finding::file("name", path, message))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tree::Tree;

    #[test]
    fn names_that_say_nothing() {
        let findings = check(&Tree::of(&[
            ("crates/plan/src/util.rs", ""),
            ("crates/plan/src/common/mod.rs", ""),
            ("crates/plan/src/utility_bill.rs", ""),
            ("examples/x/common/lib.rs", ""),
        ]));
        let paths: Vec<&str> = findings
            .iter()
            .map(|finding| finding.path.as_str())
            .collect();
        assert_eq!(
            paths,
            ["crates/plan/src/common/mod.rs", "crates/plan/src/util.rs"]
        );
    }
}
