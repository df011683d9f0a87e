//! The migration plan of a repository with two Dockerfiles for one service and a start script that does too much.
//! `UPDATE=1` writes what is expected.

#![expect(
    clippy::disallowed_methods,
    reason = "tests read the cases that lie beside them"
)]

mod case;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use boatyard_harden::fix::fix;
use boatyard_harden::migration::{How, Plan, Progress, is_plan, plan, read};

fn beside(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/migration")
        .join(name)
}

fn files() -> BTreeMap<String, String> {
    case::Case::read(&std::fs::read_to_string(beside("before.case")).unwrap()).files
}

fn planned(files: &BTreeMap<String, String>, before: &str) -> Plan {
    plan(&case::workspace(files), &read(before))
}

fn agree(name: &str, text: &str) {
    if case::is_update() {
        std::fs::write(beside(name), text).unwrap();
    }
    assert_eq!(
        std::fs::read_to_string(beside(name)).unwrap(),
        text,
        "{name}"
    );
}

#[test]
fn what_is_done_stays_listed() {
    let mut files = files();
    let first = plan(&case::workspace(&files), &Progress::default());
    assert!(first.done.is_empty() && first.decided.is_empty());
    let text = first.markdown();
    agree("first.md", &text);
    // The same tree and its own plan: the same bytes.
    assert_eq!(planned(&files, &text).markdown(), text);

    // What --fix does is done afterwards; the rest is open under the same names, although lines have moved.
    let fixed = fix(case::workspace(&files), false);
    files.extend(fixed.files);
    let second = planned(&files, &text);
    assert!(!second.done.is_empty());
    for item in &first.open {
        let is_open = second.open.iter().any(|one| one.id == item.id);
        let is_done = second.done.iter().any(|(id, ..)| *id == item.id);
        assert!(is_open != is_done, "{item:?}");
        if let How::Fix(_) = item.how {
            assert!(is_done, "--fix does {item:?}");
        }
    }
    let text = second.markdown();
    agree("second.md", &text);

    // The copy is gone, and all that was wrong in it.
    files.remove("k8s/Dockerfile");
    let third = planned(&files, &text);
    assert!(third.open.iter().all(|item| item.file != "k8s/Dockerfile"));
    assert!(third.done.len() > second.done.len());
    let listed = third.open.len() + third.done.len();
    assert!(listed >= second.open.len() + second.done.len());
}

/// What a value was is in no plan: it is written into the repository.
#[test]
fn no_secret_is_told() {
    let text = std::fs::read_to_string(beside("secret.case")).unwrap();
    let made = planned(&case::Case::read(&text).files, "");
    agree("secret.md", &made.markdown());
    let said = format!("{} {}", made.markdown(), made.json());
    assert!(!said.contains("hunter2"), "{said}");
}

#[test]
fn what_comes_back_is_open_again() {
    let files = files();
    let first = planned(&files, "");
    let gone = planned(&BTreeMap::new(), &first.markdown());
    assert_eq!(gone.done.len(), first.open.len());
    let back = planned(&files, &gone.markdown());
    assert_eq!((back.open.len(), back.decided.len()), (first.open.len(), 0));
    assert!(is_plan(&gone.markdown()) && is_plan("") && !is_plan("# Shop\n"));
}

#[test]
fn only_what_a_person_decides_is_decided_by_ticking() {
    let files = files();
    let first = planned(&files, "");
    let ticked = first.markdown().replace("- [ ]", "- [x]");
    let second = planned(&files, &ticked);
    assert!(!second.decided.is_empty() && second.done.is_empty());
    assert!(
        second
            .decided
            .iter()
            .all(|item| matches!(item.how, How::Person(_)))
    );
    assert!(
        second
            .open
            .iter()
            .all(|item| !matches!(item.how, How::Person(_)))
    );
    assert_eq!(second.open.len() + second.decided.len(), first.open.len());
    let said = second.json();
    assert_eq!(said["decided"], second.decided.len());
    let items = said["phases"].as_array().unwrap().iter();
    let states = items.flat_map(|phase| phase["items"].as_array().unwrap());
    assert_eq!(states.count(), first.open.len());
}
