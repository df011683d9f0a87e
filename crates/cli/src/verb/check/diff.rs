//! What --fix would change, as `diff -u` shows it.

use similar::TextDiff;

/// The difference of one file.
pub fn unified(path: &str, before: &str, after: &str) -> String {
    let old = if before.is_empty() {
        "/dev/null".to_owned()
    } else {
        format!("a/{path}")
    };
    TextDiff::from_lines(before, after)
        .unified_diff()
        .context_radius(3)
        .header(&old, &format!("b/{path}"))
        .to_string()
}
