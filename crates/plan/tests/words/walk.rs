//! A walk that skips what nothing matches comes to what every path on its own comes to.

use std::collections::BTreeSet;

use boatyard_plan::dockerfile::pattern::{Patterns, Within};
use proptest::prelude::*;

/// What a walk through `paths` matches, and how many of its folders were not looked into since nothing in them could be other
/// than the folder is.
struct Walk<'a> {
    paths: &'a BTreeSet<String>,
    matched: BTreeSet<String>,
    skipped: usize,
}

impl Walk<'_> {
    fn folder(&mut self, at: &str, within: &Within<'_>) {
        let names: BTreeSet<&str> = self
            .paths
            .iter()
            .filter_map(|path| path.strip_prefix(at))
            .filter_map(|rest| rest.split('/').next())
            .collect();
        for name in names {
            let path = format!("{at}{name}");
            if within.matches(name) {
                self.matched.insert(path.clone());
            }
            let below = format!("{path}/");
            if !self.paths.iter().any(|path| path.starts_with(&below)) {
                continue;
            }
            let inside = within.enter(name);
            assert_eq!(inside.matched(), within.matches(name), "{path}");
            if !inside.may_match_below() {
                self.skipped += 1;
            } else if !inside.may_spare_below() {
                self.skipped += 1;
                let all = self.paths.iter().filter(|path| path.starts_with(&below));
                for path in all {
                    let ends = path.match_indices('/').map(|(end, _)| end);
                    let ends = ends.chain([path.len()]).filter(|&end| end > below.len());
                    self.matched.extend(ends.map(|end| path[..end].to_owned()));
                }
            } else {
                self.folder(&below, &inside);
            }
        }
    }
}

/// Every path and every folder above one, that the list matches.
fn one_by_one(patterns: &Patterns, paths: &BTreeSet<String>) -> BTreeSet<String> {
    paths
        .iter()
        .flat_map(|path| {
            let ends = path.match_indices('/').map(|(end, _)| end);
            ends.chain([path.len()]).map(|end| path[..end].to_owned())
        })
        .filter(|path| patterns.matches(path))
        .collect()
}

fn walk(patterns: &Patterns, paths: &BTreeSet<String>) -> (BTreeSet<String>, usize) {
    let mut walk = Walk {
        paths,
        matched: BTreeSet::new(),
        skipped: 0,
    };
    walk.folder("", &patterns.top());
    (walk.matched, walk.skipped)
}

fn pattern() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        3 => "[ab]{1,2}",
        1 => Just("*".to_owned()),
        1 => "\\*[ab]",
        1 => "[ab]\\*",
        1 => "\\?[ab]?",
        2 => Just("**".to_owned()),
        1 => "\\*\\*[ab]",
        1 => "\\[\\^?[ab]\\][ab]?",
        1 => Just("..".to_owned()),
        1 => "\\\\[ab]",
    ];
    (any::<bool>(), prop::collection::vec(name, 1..5))
        .prop_map(|(back, names)| format!("{}{}", if back { "!" } else { "" }, names.join("/")))
}

proptest! {
    #[test]
    fn a_walk_matches_what_each_path_matches(
        patterns in prop::collection::vec(pattern(), 0..7),
        paths in prop::collection::btree_set("[ab]{1,2}(/[ab]{1,3}){0,4}", 1..15),
    ) {
        let list = Patterns::new(patterns.iter().map(String::as_str)).unwrap();
        let (matched, _) = walk(&list, &paths);
        prop_assert_eq!(matched, one_by_one(&list, &paths), "{:?}", patterns);
    }
}

#[test]
fn a_walk_skips_what_nothing_matches_or_spares() {
    let paths: BTreeSet<String> = ["docs/a/b", "src/a/b", "node_modules/x/y", "src/docs/b"]
        .map(str::to_owned)
        .into();
    for (patterns, skipped) in [
        (vec!["docs", "node_modules"], 3),
        (vec!["docs", "!docs/a", "node_modules"], 3),
        (vec!["**/b"], 0),
        (vec!["**/b", "!src", "docs"], 2),
        (vec!["!docs/a/b", "docs"], 3),
    ] {
        let list = Patterns::new(patterns.iter().copied()).unwrap();
        let (matched, count) = walk(&list, &paths);
        assert_eq!(matched, one_by_one(&list, &paths), "{patterns:?}");
        assert_eq!(count, skipped, "{patterns:?}");
    }
}

#[test]
fn long_patterns_walk_as_well() {
    let long = "x".repeat(300);
    let paths: BTreeSet<String> = [format!("a/{long}/b"), format!("{long}/a/{long}")].into();
    for pattern in [
        format!("*/{long}"),
        format!("**/{long}?"),
        format!("**/{long}"),
        format!("{long}/*/{long}"),
        format!("**/a/{long}"),
    ] {
        let list = Patterns::new([pattern.as_str()]).unwrap();
        assert_eq!(
            walk(&list, &paths).0,
            one_by_one(&list, &paths),
            "{pattern}"
        );
    }
}
