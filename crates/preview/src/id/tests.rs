use proptest::prelude::*;

use super::*;
use crate::revision::{Place, Repository};

fn revision(name: &str, subject: Subject, commit: &str) -> Revision {
    Revision {
        place: Place {
            repository: Repository {
                forge: "git.example.org".to_owned(),
                name: name.to_owned(),
            },
            subject,
        },
        commit: commit.to_owned(),
    }
}

#[test]
fn labels() {
    let branch = |name: &str| Subject::Branch(name.to_owned());
    for (name, subject, begin) in [
        ("acme/shop", branch("feature/X_1"), "shop-feature-x-1-"),
        ("acme/shop", Subject::PullRequest(7), "shop-pr7-"),
        ("acme/---", branch("///"), "env-"),
        ("acme/ß", branch("日本"), "env-"),
    ] {
        let label = label(&revision(name, subject, "c0ffee"));
        assert!(label.starts_with(begin), "{label}");
    }
}

#[test]
fn what_differs_has_another_id_and_label() {
    let branch = |name: &str| Subject::Branch(name.to_owned());
    let all = [
        revision("oca/a-b", branch("1"), "c"),
        revision("oca-a/b", branch("1"), "c"),
        revision("oca/a", branch("b-1"), "c"),
        revision("oca/a", branch("b/1"), "c"),
        revision("oca/a", branch("7"), "c"),
        revision("oca/a", Subject::PullRequest(7), "c"),
        revision("oca/a", branch("B/1"), "c"),
    ];
    for (at, one) in all.iter().enumerate() {
        for other in &all[at + 1..] {
            assert_ne!(Id::of(one, ""), Id::of(other, ""));
            assert_ne!(label(one), label(other));
        }
    }
    let [one, other] = ["c0ffee", "c0ffef"].map(|commit| revision("a/b", branch("m"), commit));
    assert_ne!(Id::of(&one, ""), Id::of(&other, ""));
    assert_ne!(Id::of(&one, ""), Id::of(&one, "x"));
    assert_eq!(label(&one), label(&other), "stable over commits");
    let large = revision("A/B", branch("m"), "c0ffee");
    assert_eq!(
        Id::of(&one, ""),
        Id::of(&large, ""),
        "forges do not tell them apart"
    );
}

proptest! {
    #[test]
    fn labels_are_labels(name in ".{0,80}", branch in ".{0,300}", number: u64, is_branch: bool) {
        let subject = if is_branch { Subject::Branch(branch) } else { Subject::PullRequest(number) };
        let label = label(&revision(&name, subject, "c"));
        prop_assert!(label.len() <= LABEL && label.len() > DIGITS / 2, "{}", label);
        let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        prop_assert!(label.bytes().all(is_part), "{}", label);
        prop_assert!(!label.starts_with('-') && !label.ends_with('-'), "{}", label);
    }
}
