//! Patterns for what is left out of a copy.

/// Whether a path (relative, `/` between names) is left out: a pattern without a slash is held against the last name,
/// one with a slash against the whole path; `*` stands for any characters but a slash, `?` for one.
pub(super) fn excluded(patterns: &[String], path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    patterns.iter().any(|pattern| {
        let subject = if pattern.contains('/') { path } else { name };
        fits(
            pattern.trim_start_matches('/').as_bytes(),
            subject.as_bytes(),
        )
    })
}

fn fits(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern.first(), text.first()) {
        (None, None) => true,
        (Some(b'*'), _) => {
            fits(&pattern[1..], text)
                || (text.first().is_some_and(|&c| c != b'/') && fits(pattern, &text[1..]))
        }
        (Some(b'?'), Some(&c)) if c != b'/' => fits(&pattern[1..], &text[1..]),
        (Some(p), Some(c)) if p == c => fits(&pattern[1..], &text[1..]),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::excluded;

    #[test]
    fn patterns() {
        for (pattern, path, expected) in [
            ("tests", "app/tests", true),
            ("tests", "app/tests.py", false),
            ("*.pyc", "a/b.pyc", true),
            ("*.pyc", "a/b.py", false),
            ("a/*.txt", "a/x.txt", true),
            ("a/*.txt", "a/b/x.txt", false),
            ("?x", "ax", true),
            ("?x", "x", false),
            ("*", "anything", true),
        ] {
            assert_eq!(
                excluded(&[pattern.to_owned()], path),
                expected,
                "{pattern} against {path}"
            );
        }
    }
}
