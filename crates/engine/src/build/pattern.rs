//! Patterns for what is left out of a copy.

use std::path::Path;

use boatyard_plan::dockerfile::pattern::Pattern;

/// What is left out.
pub(super) struct Excluded(Vec<(bool, Pattern)>);

impl Excluded {
    /// Reads patterns: one without a slash is held against the last name of a path, one with a slash against the whole path;
    /// `*` stands for any characters but a slash, `?` for one. Nothing else in them means something.
    pub(super) fn new(patterns: &[String]) -> Self {
        let read = |text: &String| {
            let literal = text
                .trim_start_matches('/')
                .replace('\\', "\\\\")
                .replace('[', "\\[");
            let pattern = Pattern::within(&literal).expect("brackets and backslashes are escaped");
            (text.contains('/'), pattern)
        };
        Self(patterns.iter().map(read).collect())
    }

    /// Whether a path (relative) is left out. What is not UTF-8 in it is any one character.
    pub(super) fn has(&self, path: &Path) -> bool {
        let whole = path.to_string_lossy();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        self.0
            .iter()
            .any(|(is_whole, pattern)| pattern.matches(if *is_whole { &whole } else { &name }))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Excluded;

    #[test]
    fn patterns() {
        for (pattern, path, expected) in [
            ("tests", "app/tests", true),
            ("tests", "app/tests.py", false),
            ("*.pyc", "a/b.pyc", true),
            ("*.pyc", "a/b.py", false),
            ("a/*.txt", "a/x.txt", true),
            ("a/*.txt", "a/b/x.txt", false),
            ("/a/*.txt", "a/x.txt", true),
            ("?x", "ax", true),
            ("?x", "x", false),
            ("*", "anything", true),
            ("[ab]", "a", false),
            ("[ab]", "[ab]", true),
            ("a\\b", "a\\b", true),
            ("!a", "!a", true),
        ] {
            let excluded = Excluded::new(&[pattern.to_owned()]);
            assert_eq!(
                excluded.has(Path::new(path)),
                expected,
                "{pattern} against {path}"
            );
        }
    }
}
