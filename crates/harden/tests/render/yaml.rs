//! What is written reads back as the same texts, whatever they are.

use boatyard_harden::render::yaml::{Form, Map, Scalar, Tree, write};
use boatyard_harden::yaml::{Node, Style, Value, read};
use proptest::prelude::*;

/// Texts that some reader takes for something else.
const TRAPS: [&str; 40] = [
    "",
    "yes",
    "No",
    "ON",
    "off",
    "y",
    "n",
    "null",
    "Null",
    "~",
    "true",
    "FALSE",
    "0",
    "012",
    "0o17",
    "0x1f",
    "1_000",
    "1e3",
    ".5",
    "-1",
    "+1",
    ".inf",
    "-.INF",
    ".NaN",
    "nan",
    "12:30:00",
    "2026-01-01",
    "a: b",
    "a #b",
    "- a",
    "? a",
    "*a",
    "&a",
    "!a",
    "{a}",
    "[a]",
    "|",
    "> x",
    "%a",
    "=",
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => prop::sample::select(TRAPS.to_vec()).prop_map(str::to_owned),
        3 => "[ -~]{0,24}",
        2 => "([ -~]{0,12}\n){0,4}[ -~]{0,6}\n{0,2}",
        2 => prop::collection::vec(any::<char>(), 0..12).prop_map(|all| all.into_iter().filter(|c| *c != '\0').collect()),
    ]
}

fn tree() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![
        6 => text().prop_map(|text| Tree::Scalar(Scalar::Text(text))),
        1 => any::<i64>().prop_map(|number| Tree::Scalar(Scalar::Number(number))),
        1 => any::<bool>().prop_map(|truth| Tree::Scalar(Scalar::Truth(truth))),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Tree::List),
            entries(inner).prop_map(Tree::Map),
        ]
    })
}

fn entries(inner: impl Strategy<Value = Tree>) -> impl Strategy<Value = Map> {
    prop::collection::btree_map(text(), (inner, any::<bool>()), 0..4).prop_map(|entries| {
        let entries = entries.into_iter();
        entries.fold(Map::new(), |map, (key, (value, commented))| {
            if commented {
                map.because("why", key, value)
            } else {
                map.set(key, value)
            }
        })
    })
}

/// Whether the node says what the tree says, and as the same kind.
fn same(tree: &Tree, node: &Node) -> bool {
    match (tree, &*node.value) {
        (Tree::Scalar(Scalar::Text(text)), Value::Scalar(said, style)) => {
            // A plain text is none of the words and numbers that readers know.
            text == said
                && (*style != Style::Plain
                    || text.starts_with(|c: char| c.is_ascii_alphabetic() || "/_".contains(c))
                    || text.ends_with(['m', 'i']))
        }
        (Tree::Scalar(Scalar::Number(number)), Value::Scalar(said, Style::Plain)) => {
            *said == number.to_string()
        }
        (Tree::Scalar(Scalar::Truth(truth)), Value::Scalar(..)) => node.truth() == Some(*truth),
        (Tree::List(items), Value::Sequence(nodes, _)) => {
            items.len() == nodes.len()
                && items.iter().zip(nodes).all(|(item, node)| same(item, node))
        }
        (Tree::Map(map), Value::Mapping(nodes, _)) => {
            map.entries.len() == nodes.len()
                && map.entries.iter().zip(nodes).all(|(entry, node)| {
                    node.key.text() == Some(&entry.key) && same(&entry.value, &node.value)
                })
        }
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_reads_back(value in tree()) {
        let map = Map::new().set("value", value.clone()).set("after", "x");
        let text = write(&map, Form::Plain);
        let (documents, mistakes) = read(&text);
        prop_assert!(mistakes.is_empty(), "{mistakes:?}\n{text}");
        prop_assert_eq!(documents.len(), 1);
        prop_assert!(same(&Tree::Map(map), &documents[0].root), "{}", text);
    }
}
