//! What holds for every text: nothing panics, places lie in the text, what was read is found again at its place.

mod case;

use std::collections::BTreeMap;

use boatyard_harden::check::check;
use boatyard_harden::edit;
use boatyard_harden::fix::fix;
use boatyard_harden::shell::{self, Joined, simples};
use boatyard_harden::yaml::{self, Node, Value};
use proptest::prelude::*;

/// Pieces of the languages in any order.
fn soup() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(&case::pieces::PIECES[..]);
    prop::collection::vec(pieces, 0..40).prop_map(|pieces| pieces.concat())
}

fn nested(node: &Node, text: &str, within: &std::ops::Range<usize>) {
    let span = &node.span;
    assert!(
        text.get(span.clone()).is_some(),
        "{span:?} is no part of {text:?}"
    );
    if node.aliased {
        return;
    }
    assert!(
        within.start <= span.start && span.end <= within.end,
        "{span:?} leaves {within:?} in {text:?}"
    );
    match &*node.value {
        Value::Scalar(..) => {}
        Value::Sequence(items, _) => items.iter().for_each(|item| nested(item, text, span)),
        Value::Mapping(entries, _) => {
            for entry in entries {
                nested(&entry.key, text, span);
                nested(&entry.value, text, span);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn shell_is_read_in_order(text in soup()) {
        let script = shell::parse(&Joined::plain(&text, 0..text.len()));
        let mut words = Vec::new();
        simples(&script.items, &mut |simple, context| {
            prop_assert_in(&text, &simple.span);
            if !context.inner {
                words.extend(simple.words.iter().map(|word| word.span.clone()));
            }
        });
        for comment in &script.comments {
            prop_assert!(text[comment.clone()].starts_with('#'));
        }
        let comments = &script.comments;
        prop_assert!(comments.windows(2).all(|two| two[0].end <= two[1].start), "{comments:?} in {text:?}");
        for mistake in &script.mistakes {
            prop_assert_in(&text, &mistake.span);
        }
        prop_assert!(words.windows(2).all(|two| two[0].end <= two[1].start), "{words:?} in {text:?}");
    }

    #[test]
    fn yaml_nests(text in soup()) {
        let (documents, mistakes) = yaml::read(&text);
        for document in &documents {
            nested(&document.root, &text, &(0..text.len()));
        }
        for mistake in mistakes {
            prop_assert_in(&text, &mistake.span);
        }
    }

    #[test]
    fn checks_and_fixes_never_panic(texts in prop::collection::vec(soup(), 4)) {
        let names = ["Dockerfile", "start.sh", "k8s.yaml", "compose.yaml"];
        let files: BTreeMap<String, String> = names.iter().map(|name| (*name).to_owned()).zip(texts).collect();
        let workspace = case::workspace(&files);
        for finding in check(&workspace) {
            let text = &files[&finding.file];
            prop_assert!(finding.span.start <= finding.span.end && finding.span.end <= text.len());
        }
        let once = fix(workspace, true);
        let twice = fix(once.workspace, true);
        prop_assert!(twice.files.is_empty(), "{:?}", twice.files);
    }

    #[test]
    fn no_edits_change_nothing(text in soup()) {
        prop_assert_eq!(edit::apply(&text, &[]), Some(text));
    }
}

fn prop_assert_in(text: &str, span: &std::ops::Range<usize>) {
    assert!(
        text.get(span.clone()).is_some(),
        "{span:?} is no part of {text:?}"
    );
}
