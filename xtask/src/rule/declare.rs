//! `mod.rs` and `lib.rs` only declare, document and re-export: code lives in files that are named by it.

use crate::finding::Finding;
use crate::tree::Tree;

/// What an item that is code begins with. Modules, imports, constants, aliases and macros' uses are declarations.
const CODE: [&str; 7] = ["fn", "struct", "enum", "impl", "trait", "union", "static"];

/// Code in a `mod.rs` or `lib.rs`, outside of `#[cfg(test)]` modules; one finding for each file.
pub fn check(tree: &Tree) -> Vec<Finding> {
    tree.with_extension("rs")
        .filter(|(path, _)| {
            path.contains("/src/") && (path.ends_with("/mod.rs") || path.ends_with("/lib.rs"))
        })
        .filter_map(|(path, text)| {
            let (line, word) = first_code(text)?;
            let message = format!("holds a {word}: move it to a file named by what it is");
            Some(Finding::line("declare", path, line, message))
        })
        .collect()
}

/// Line and first word of the first item that is code. Nested modules are indented, which leaves tests out.
fn first_code(text: &str) -> Option<(usize, &'static str)> {
    let modifiers = [
        "pub", "const", "async", "unsafe", "extern", "default", "\"C\"",
    ];
    text.lines().enumerate().find_map(|(index, line)| {
        if line.starts_with([' ', '/', '#', '}']) {
            return None;
        }
        let mut words = line
            .split([' ', '<', '('])
            .filter(|word| !word.is_empty())
            .skip_while(|word| modifiers.contains(word) || word.ends_with(')'));
        let first = words.next()?;
        let word = CODE.into_iter().find(|code| *code == first)?;
        Some((index + 1, word))
    })
}

#[cfg(test)]
mod tests {
    use super::{check, first_code};
    use crate::tree::Tree;

    #[test]
    fn code_and_declarations() {
        for (text, found) in [
            ("//! Words.\n\nmod a;\npub use a::*;\n", None),
            ("pub const A: u8 = 1;\n", None),
            ("#[cfg(test)]\nmod tests {\n    fn a() {}\n}\n", None),
            ("mod a;\nfn b() {}\n", Some((2, "fn"))),
            ("pub(crate) fn b() {}\n", Some((1, "fn"))),
            ("pub const fn b() {}\n", Some((1, "fn"))),
            ("impl<T> A for T {}\n", Some((1, "impl"))),
            ("pub struct A;\n", Some((1, "struct"))),
        ] {
            assert_eq!(first_code(text), found, "{text:?}");
        }
    }

    #[test]
    fn other_files_hold_code() {
        assert!(check(&Tree::of(&[("crates/a/src/b.rs", "fn c() {}\n")])).is_empty());
        assert_eq!(
            check(&Tree::of(&[("crates/a/src/lib.rs", "fn c() {}\n")])).len(),
            1
        );
    }
}
