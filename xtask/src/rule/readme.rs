//! The README's two commands: one runs the guestbook, one passes the tests. Scripts call them; they may not drift.

use crate::finding::Finding;
use crate::tree::Tree;

/// The command that goes from a checkout to a running application.
const RUN: &str = "cargo run --release -- -C examples/guestbook up";

/// The command that passes the tests.
const TEST: &str = "cargo xtask test";

/// Files that must have a command, and which.
const PLACES: [(&str, &str); 3] = [("README.md", RUN), ("README.md", TEST), (".ci/run", TEST)];

/// Commands that are missing where they are promised.
pub fn check(tree: &Tree) -> Vec<Finding> {
    PLACES
        .iter()
        .filter(|(path, command)| {
            !tree
                .files
                .get(*path)
                .is_some_and(|text| text.contains(command))
        })
        .map(|(path, command)| {
            Finding::file(
                "readme",
                path,
                format!("does not have the command `{command}`"),
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{RUN, TEST, check};
    use crate::tree::Tree;

    #[test]
    fn both_commands_are_promised() {
        let both = format!("{RUN}\n{TEST}\n");
        assert!(check(&Tree::of(&[("README.md", &both), (".ci/run", TEST)])).is_empty());
        assert_eq!(
            check(&Tree::of(&[("README.md", RUN), (".ci/run", TEST)])).len(),
            1
        );
        assert_eq!(check(&Tree::of(&[])).len(), 3);
    }
}
