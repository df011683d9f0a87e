//! Patterns for paths, and what `.dockerignore` leaves out.

use boatyard_plan::dockerfile::ignore::Ignore;
use boatyard_plan::dockerfile::path;
use boatyard_plan::dockerfile::pattern::{Pattern, Patterns};
use proptest::prelude::*;

#[test]
fn one_pattern() {
    for (pattern, yes, no) in [
        ("a", &["a", "a/b", "a/b/c"][..], &["b/a", "ab", "."][..]),
        ("a/", &["a", "a/b"], &["aa"]),
        ("./a/../b", &["b"], &["a", "a/b"]),
        ("*", &["a", ".a", "a/b"], &["."]),
        ("*.py", &["x.py", ".py", "x.py/y"], &["a/x.py", "x.pyc"]),
        ("a/*", &["a/b", "a/b/c"], &["a", "b/a/c"]),
        ("*/*", &["a/b", "a/b/c"], &["a"]),
        ("a?c", &["abc", "aüc", "abc/d"], &["ac", "a/c", "abbc"]),
        ("[a-cx]", &["a", "b", "x"], &["d", "-", "ab"]),
        ("[^a-c]", &["d"], &["a", "dd"]),
        ("[]", &[], &[]),
        (r"[\]\-\^]", &["]", "-", "^"], &["\\", "a"]),
        ("a[b*]", &["ab", "a*"], &["ac", "abc"]),
        (r"a\*b", &["a*b"], &["axb", r"a\b"]),
        ("**", &["a", "a/b", ".x/y"], &["."]),
        ("**/a", &["a", "b/a", "b/c/a", "b/a/c"], &["ba", "b/ca"]),
        ("**/*.py", &["x.py", "a/b/x.py"], &["x.pyc"]),
        ("a/**", &["a/b", "a/b/c"], &["a", "ab"]),
        ("a/**/b", &["a/b", "a/x/b", "a/x/y/b"], &["ab", "a/bb", "b"]),
        ("**/a/**/b", &["a/b", "x/a/y/b"], &["a/c", "xa/b"]),
        ("**x", &["x", "ax", "a/bx"], &["xa"]),
        ("**x*", &["x", "xa", "a/xb"], &["ax"]),
        ("a**", &["a", "ab", "a/b"], &["b"]),
        ("***", &["a", "a/b"], &["."]),
        (
            "a.b+c(d){e}|f$^",
            &["a.b+c(d){e}|f$^"],
            &["axb+c(d){e}|f$^"],
        ),
        ("!a", &[], &["a", "b"]),
        ("/", &[], &["a"]),
        (".", &[], &["a"]),
        ("../a", &[], &["a"]),
    ] {
        if pattern == "[]" {
            assert!(Patterns::new([pattern]).is_err());
            continue;
        }
        let patterns = Patterns::new([pattern]).unwrap();
        for path in yes {
            assert!(patterns.matches(path), "{pattern} matches {path}");
        }
        for path in no {
            assert!(!patterns.matches(path), "{pattern} does not match {path}");
        }
    }
}

#[test]
fn sources_do_not_cross_folders() {
    for (pattern, path, expected) in [
        ("**/a", "b/a", true),
        ("**/a", "b/c/a", false),
        ("a*", "a/b", false),
        ("**", "ab", true),
        ("**", "a/b", false),
    ] {
        let read = Pattern::within(pattern).unwrap();
        assert_eq!(read.matches(path), expected, "{pattern} {path}");
    }
    for (text, expected) in [("a*", true), (r"a\*", false), ("[", true), ("a-b", false)] {
        assert_eq!(Pattern::is_in(text), expected, "{text}");
    }
}

#[test]
fn bad_patterns() {
    for (pattern, reason) in [
        ("[", "[ is not closed"),
        ("a[b", "[ is not closed"),
        ("a[b-", "[ is not closed"),
        (
            "[]a",
            "[] has nothing in it; write \\] for the character itself",
        ),
        (
            "[-x]",
            "a range in [] lacks one of its ends; write \\- for the character itself",
        ),
        (
            "[x-]",
            "[] has nothing in it; write \\] for the character itself",
        ),
        ("a\\", "nothing follows the backslash"),
        ("!", "nothing follows the exclamation mark"),
    ] {
        assert_eq!(
            Patterns::new([pattern]).unwrap_err().reason,
            reason,
            "{pattern}"
        );
    }
}

const FILE: &str = "\u{feff}# not a rule\n /docs/ \n! /docs/README.md\r\n\n*.log\n!keep.log\n**/cache\n #hash\n\
                    sub\n!sub/deep/**/*.txt\n!sub/one\nsub/one/not\n";

#[test]
fn a_file_of_rules() {
    let ignore = Ignore::parse(FILE).unwrap();
    for (path, expected) in [
        (".", false),
        ("docs", true),
        ("docs/", true),
        ("./docs/guide.md", true),
        ("docs/README.md", false),
        ("docs/README.md/x", false),
        ("a/docs", false),
        ("x.log", true),
        ("keep.log", false),
        ("a/x.log", false),
        ("cache", true),
        ("a/b/cache/c", true),
        ("#hash", true),
        ("sub/x.txt", true),
        ("sub/deep/x.txt", false),
        ("sub/deep/a/b/x.txt", false),
        ("sub/deep/a/b/x.md", true),
        ("sub/one/x", false),
        ("sub/one/not/x", true),
    ] {
        assert_eq!(ignore.ignored(path), expected, "{path}");
    }
    for (folder, expected) in [
        (".", true),
        ("docs", true),
        ("docs/guide", false),
        ("cache", false),
        ("sub", true),
        ("sub/deep", true),
        ("sub/deep/any/where", true),
        ("sub/two", false),
        ("sub/one/not", false),
        ("free", true),
    ] {
        assert_eq!(ignore.may_contain_included(folder), expected, "{folder}");
    }
    assert!(Ignore::parse("# nothing\n\n").unwrap().is_empty());
}

#[test]
fn mistakes_have_places() {
    let text = "fine\n  a[b \n!\n[\n";
    let mistakes = Ignore::parse(text).unwrap_err();
    let seen: Vec<(&str, (usize, usize), &str)> = mistakes
        .iter()
        .map(|mistake| {
            (
                mistake.message.as_str(),
                mistake.position(text),
                &text[mistake.span.clone()],
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("\"a[b\" is not a pattern: [ is not closed", (2, 3), "a[b"),
            (
                "\"!\" is not a pattern: nothing follows the exclamation mark",
                (3, 1),
                "!"
            ),
            ("\"[\" is not a pattern: [ is not closed", (4, 1), "["),
        ]
    );
}

#[test]
fn paths() {
    for (path, cleaned, base) in [
        ("", ".", "."),
        ("/", "/", "/"),
        ("//", "/", "/"),
        ("a//b/./c/", "a/b/c", "c"),
        ("a/../..", "..", ".."),
        ("../../a", "../../a", "a"),
        ("/../a/", "/a", "a"),
        ("a/b/../..", ".", ".."),
    ] {
        assert_eq!(path::clean(path), cleaned, "{path}");
        assert_eq!(path::base(path), base, "{path}");
    }
    for (folder, path, joined) in [
        ("/a", "b", "/a/b"),
        ("/a", "/b/", "/b"),
        ("/", "..", "/"),
        ("/a/b", "../c/", "/a/c"),
    ] {
        assert_eq!(path::join(folder, path), joined);
    }
}

#[test]
fn long_patterns() {
    let long = "x".repeat(300);
    for (pattern, path, expected) in [
        (long.clone(), long.clone(), true),
        (format!("*{long}"), format!("a{long}"), true),
        (format!("*{long}"), format!("a{long}x/b"), true),
        (format!("*{long}"), format!("a{long}y"), false),
        (format!("**/{long}?"), format!("a/{long}z/{long}"), true),
        (format!("**/{long}?"), format!("a/{long}"), false),
    ] {
        let patterns = Patterns::new([pattern.as_str()]).unwrap();
        assert_eq!(patterns.matches(&path), expected, "{pattern} {path}");
    }
}

#[test]
fn stars_upon_stars_are_no_work() {
    let pattern = "*a".repeat(60);
    let patterns = Patterns::new([pattern.as_str()]).unwrap();
    assert!(!patterns.matches(&format!("{}b", "a".repeat(5_000))));
}

/// Characters matched one by one, all ways tried: slow, and plainly right.
fn fits(pattern: &[u8], text: &[u8]) -> bool {
    let fits_within_folders = |pattern: &[u8]| {
        fits(pattern, text)
            || (0..text.len()).any(|at| text[at] == b'/' && fits(pattern, &text[at + 1..]))
    };
    match pattern {
        [] => text.is_empty(),
        [b'*', b'*'] | [b'*', b'*', b'/'] => true,
        [b'*', b'*', b'/', rest @ ..] | [b'*', b'*', rest @ ..] => fits_within_folders(rest),
        [b'*', rest @ ..] => (0..=text.len())
            .take_while(|&at| !text[..at].contains(&b'/'))
            .any(|at| fits(rest, &text[at..])),
        [first, rest @ ..] => text.split_first().is_some_and(|(c, text)| {
            (first == c || (*first == b'?' && *c != b'/')) && fits(rest, text)
        }),
    }
}

/// What a list says of a path, by the words of the reference: the last line that matches it or a folder above it.
fn naive(patterns: &[String], path: &str) -> bool {
    patterns.iter().fold(false, |matched, pattern| {
        let (back, text) = match pattern.strip_prefix('!') {
            Some(text) => (true, text),
            None => (false, pattern.as_str()),
        };
        let all_ends = text.starts_with("**") && !text[2..].starts_with('/');
        let plain = !text[2.min(text.len())..].contains(['*', '?']);
        let hit = |path: &str| {
            if all_ends && plain {
                path.ends_with(&text[2..])
            } else {
                fits(text.as_bytes(), path.as_bytes())
            }
        };
        let mut above = path.match_indices('/').map(|(at, _)| &path[..at]);
        if hit(path) || above.any(hit) {
            !back
        } else {
            matched
        }
    })
}

/// A pattern that is clean already.
fn pattern() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        2 => Just("a"), 1 => Just("b"), 1 => Just("ab"), 1 => Just("*"), 1 => Just("?"), 2 => Just("**"), 1 => Just("a*"),
        1 => Just("**b"),
    ];
    (any::<bool>(), prop::collection::vec(name, 1..4))
        .prop_map(|(back, names)| format!("{}{}", if back { "!" } else { "" }, names.join("/")))
}

proptest! {
    #[test]
    fn lists_say_what_the_reference_says(
        patterns in prop::collection::vec(pattern(), 0..5),
        path in "[ab]{1,2}(/[ab]{1,2}){0,3}",
    ) {
        let list = Patterns::new(patterns.iter().map(String::as_str)).unwrap();
        prop_assert_eq!(list.matches(&path), naive(&patterns, &path), "{:?}", patterns);
    }

    #[test]
    fn a_walker_that_skips_misses_nothing(
        patterns in prop::collection::vec(pattern(), 0..5),
        path in "[ab]{1,2}(/[ab]{1,2}){1,3}",
    ) {
        let ignore = Ignore::parse(&patterns.join("\n")).unwrap();
        let list = Patterns::new(patterns.iter().map(String::as_str)).unwrap();
        for (at, _) in path.match_indices('/') {
            let folder = &path[..at];
            prop_assert!(ignore.may_contain_included(folder) || ignore.ignored(&path));
            prop_assert!(list.may_match_below(folder) || !list.matches(&path));
        }
    }

    #[test]
    fn nothing_panics(text in "[a\\[\\]^*?!/#.\\\\ -]{0,20}", path in "[a/.*-]{0,12}") {
        if let Ok(ignore) = Ignore::parse(&text) {
            let _ = (ignore.ignored(&path), ignore.may_contain_included(&path));
        }
    }
}
