//! Links of the documentation lead somewhere: to a file of the checkout, and to a heading of it.

use crate::finding::Finding;
use crate::tree::Tree;

/// Relative links in Markdown files that lead to no file, no folder or no heading.
pub fn check(tree: &Tree) -> Vec<Finding> {
    tree.with_extension("md")
        .flat_map(|(path, text)| {
            prose(text).flat_map(move |(line, words)| {
                targets(words).filter_map(move |target| {
                    let problem = problem(tree, path, target)?;
                    Some(Finding::line(
                        "link",
                        path,
                        line,
                        format!("{target} {problem}"),
                    ))
                })
            })
        })
        .collect()
}

/// Lines outside of fenced blocks, numbered from 1.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    text.lines().enumerate().filter_map(move |(index, line)| {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            return None;
        }
        (!fenced).then_some((index + 1, line))
    })
}

/// What `](...)` and `src="..."` point at, those of other sites left out.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    let markdown = line
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next());
    let pictures = line
        .split("src=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next());
    markdown
        .chain(pictures)
        .filter(|target| !target.contains("://") && !target.starts_with("mailto:"))
}

fn problem(tree: &Tree, from: &str, target: &str) -> Option<&'static str> {
    let (file, heading) = target.split_once('#').unwrap_or((target, ""));
    let path = if file.is_empty() {
        from.to_owned()
    } else {
        resolve(from, file)
    };
    let folder = format!("{}/", path.trim_end_matches('/'));
    let known = |there: &String| *there == path || there.starts_with(&folder);
    if !path.is_empty() && !tree.paths.iter().any(known) {
        return Some("leads to no file");
    }
    let text = tree.files.get(&path)?;
    let found = heading.is_empty()
        || !has_extension(&path)
        || prose(text).any(|(_, line)| anchor(line) == heading);
    (!found).then_some("leads to no heading")
}

fn has_extension(path: &str) -> bool {
    std::path::Path::new(path)
        .extension()
        .is_some_and(|extension| extension == "md")
}

/// `target` seen from the folder of `from`, without `.` and `..`.
fn resolve(from: &str, target: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    parts.join("/")
}

/// The anchor that a code host makes from a heading; empty for other lines.
fn anchor(line: &str) -> String {
    let Some(words) = line.strip_prefix('#') else {
        return String::new();
    };
    words
        .trim_start_matches('#')
        .trim()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| {
            if c == ' ' {
                '-'
            } else {
                c.to_ascii_lowercase()
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tree::Tree;

    #[test]
    fn links_lead_somewhere() {
        let guide = "see [a](../README.md#the-two-commands), [b](https://x/y), [c](#here) and [d](../crates)\n# Here\n";
        let tree = Tree::of(&[
            ("README.md", "# The two commands\n```\n[no](link.md)\n```\n"),
            ("docs/guide.md", guide),
            ("crates/a/lib.rs", ""),
        ]);
        assert_eq!(check(&tree), []);
    }

    #[test]
    fn links_that_lead_nowhere() {
        let tree = Tree::of(&[(
            "docs/guide.md",
            "[a](none.md)\n[b](#none)\n<img src=\"pictures/none.svg\">\n",
        )]);
        let lines: Vec<Option<usize>> = check(&tree).iter().map(|finding| finding.line).collect();
        assert_eq!(lines, [Some(1), Some(2), Some(3)]);
    }
}
