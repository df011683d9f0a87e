//! `.dockerignore`: what of the context a build does not see.
//!
//! ```text
//! # a comment: only at the start of a line
//! **/*.pyc
//! /docs
//! !docs/README.md        the last line that matches is right
//! ```
//! Source: the Dockerfile reference, ".dockerignore file"; what it leaves open, as moby/patternmatcher has it.

use super::pattern::{Patterns, Within};
use crate::diagnostic::Diagnostic;
use crate::dockerfile::path;

/// The rules of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ignore {
    patterns: Patterns,
    /// The line of each pattern, from 1.
    lines: Vec<usize>,
}

impl Ignore {
    /// Reads the file.
    ///
    /// # Errors
    /// All lines that are no patterns.
    pub fn parse(text: &str) -> Result<Self, Vec<Diagnostic>> {
        let mut patterns = Patterns::default();
        let mut mistakes = Vec::new();
        let mut at = 0;
        let mut lines = Vec::new();
        for (index, line) in text.split_inclusive('\n').enumerate() {
            let start = at;
            at += line.len();
            let line = match start {
                0 => line.strip_prefix('\u{feff}').unwrap_or(line),
                _ => line,
            };
            if line.starts_with('#') {
                continue;
            }
            let pattern = line.trim();
            if !pattern.is_empty() {
                lines.push(index + 1);
            }
            if let Err(bad) = patterns.push(&rooted(pattern)) {
                let begin = at - line.len() + (line.len() - line.trim_start().len());
                mistakes.push(Diagnostic {
                    message: format!("{pattern:?} is not a pattern: {}", bad.reason),
                    span: begin..begin + pattern.len(),
                    label: String::new(),
                    help: None,
                });
            }
        }
        if mistakes.is_empty() {
            Ok(Self { patterns, lines })
        } else {
            Err(mistakes)
        }
    }

    /// Whether there are no rules.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Whether a line takes back what others say (`!`).
    pub fn has_exceptions(&self) -> bool {
        self.patterns.takes_back()
    }

    /// Whether a line says everything: `*`, `**` or `**/*`.
    pub fn takes_all(&self) -> bool {
        self.patterns.takes_all()
    }

    /// Whether `path`, relative to the context, with `/` between names, is left out. The context itself never is.
    pub fn ignored(&self, path: &str) -> bool {
        self.patterns.matches(&path::clean(path))
    }

    /// The same for everything in a folder, without looking at each path anew: the context itself, to begin with. What it
    /// matches is left out.
    pub fn top(&self) -> Within<'_> {
        self.patterns.top()
    }

    /// The line, from 1, that leaves `path` out, if one does.
    pub fn line(&self, path: &str) -> Option<usize> {
        let index = self.patterns.decider(&path::clean(path))?;
        self.lines.get(index).copied()
    }

    /// Whether something below `folder` may not be left out, whether or not the folder is. `false` is certain: a walker need
    /// not enter.
    pub fn may_contain_included(&self, folder: &str) -> bool {
        self.patterns.may_spare_below(&path::clean(folder))
    }
}

/// A line as a pattern relative to the context: `/a` is `a`, also after a `!`.
fn rooted(line: &str) -> String {
    let (mark, rest) = match line.strip_prefix('!') {
        Some(rest) => ("!", rest.trim()),
        None => ("", line),
    };
    if rest.is_empty() {
        return mark.to_owned();
    }
    let cleaned = path::clean(rest);
    match cleaned.strip_prefix('/') {
        Some(relative) if !relative.is_empty() => format!("{mark}{relative}"),
        _ => format!("{mark}{cleaned}"),
    }
}

#[cfg(test)]
mod tests {
    use super::Ignore;

    #[test]
    fn the_line_that_leaves_a_path_out_is_known() {
        let ignore = Ignore::parse("# first\n\ndocs\n!docs/keep\n*.md\n").unwrap();
        for (path, expected) in [
            ("docs", Some(3)),
            ("docs/a", Some(3)),
            ("docs/keep", None),
            ("a.md", Some(5)),
            ("a", None),
        ] {
            assert_eq!(ignore.line(path), expected, "{path}");
            assert_eq!(ignore.ignored(path), expected.is_some(), "{path}");
        }
    }
}
