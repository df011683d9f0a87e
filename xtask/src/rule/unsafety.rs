//! `unsafe` lives in modules named `sys`, so that who audits it knows where to look.

use crate::finding::Finding;
use crate::tree::Tree;

/// `unsafe` code outside of `sys.rs` and `sys/`.
pub fn check(tree: &Tree) -> Vec<Finding> {
    tree.with_extension("rs")
        .filter(|(path, _)| !is_sys(path))
        .flat_map(|(path, text)| {
            text.lines()
                .enumerate()
                .filter(|(_, line)| is_unsafe(line))
                .map(move |(index, _)| {
                    Finding::line(
                        "unsafety",
                        path,
                        index + 1,
                        "unsafe outside of a module named sys",
                    )
                })
        })
        .collect()
}

fn is_sys(path: &str) -> bool {
    path.split('/')
        .any(|part| part == "sys" || part == "sys.rs")
}

/// Whether a line has an unsafe block, function, implementation, attribute or foreign block.
fn is_unsafe(line: &str) -> bool {
    let code = line.split("//").next().unwrap_or(line);
    let mut rest = code;
    while let Some(at) = rest.find("unsafe") {
        let before = rest[..at].chars().next_back();
        let quoted = code[..code.len() - rest.len() + at].matches('"').count() % 2 == 1;
        let after = rest[at + "unsafe".len()..].trim_start();
        let word = !quoted && !before.is_some_and(|c| c.is_alphanumeric() || c == '_');
        if word
            && ["{", "fn ", "impl", "extern", "trait ", "("]
                .iter()
                .any(|next| after.starts_with(next))
        {
            return true;
        }
        rest = &rest[at + "unsafe".len()..];
    }
    false
}

#[cfg(test)]
mod tests {
    use super::{check, is_unsafe};
    use crate::tree::Tree;

    #[test]
    fn lines() {
        for (line, found) in [
            ("    let a = unsafe { b() };", true),
            ("pub unsafe fn a() {}", true),
            ("#[unsafe(no_mangle)]", true),
            ("unsafe extern \"C\" {", true),
            ("// unsafe { never }", false),
            ("#![expect(unsafe_code, reason = \"\")]", false),
            ("let unsafe_words = 1;", false),
        ] {
            assert_eq!(is_unsafe(line), found, "{line}");
        }
    }

    #[test]
    fn sys_may() {
        let tree = Tree::of(&[
            ("crates/a/src/sys/fork.rs", "unsafe fn a() {}"),
            ("crates/a/src/sys.rs", "unsafe fn a() {}"),
            ("crates/a/src/system.rs", "unsafe fn a() {}"),
        ]);
        let findings = check(&tree);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].path, "crates/a/src/system.rs");
    }
}
