//! Every rule with its cases in `tests/rules/ID/`: `bad*.case` has findings, `good*.case` has none.

#![expect(
    clippy::disallowed_methods,
    reason = "tests read the cases that lie beside them"
)]

mod case;

use std::collections::BTreeMap;

use boatyard_harden::check::check_with;
use boatyard_harden::fix::{Fixed, fix_with};
use boatyard_harden::rule::{ALL, Rule};
use case::Case;

fn fixed(files: &BTreeMap<String, String>, rule: &'static Rule) -> Fixed {
    fix_with(
        case::workspace(files),
        true,
        &[rule, &boatyard_harden::rule::UNREADABLE],
    )
}

#[test]
fn what_rules_find_and_how_it_is_mended() {
    let mut wrong = Vec::new();
    for (id, path) in case::all() {
        let rule = case::rule(&id);
        let text = std::fs::read_to_string(&path).unwrap();
        let case = Case::read(&text);
        let workspace = case.workspace();
        let found = check_with(&workspace, &[rule]);
        let made = fixed(&case.files, rule);
        let actual = Case {
            findings: case::lines(&found, &workspace),
            fixed: made.files.clone(),
            ..case.clone()
        };
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if name.starts_with("bad") == found.is_empty() {
            wrong.push(format!("{}: found:\n{}", path.display(), actual.findings));
        }
        if case::is_update() {
            std::fs::write(&path, actual.write()).unwrap();
        } else if actual.write() != text {
            wrong.push(format!("{}\nfound:\n{}", path.display(), actual.write()));
        }
        // Nothing is done twice, and what was proven safe stays mended.
        let mut files = case.files.clone();
        for (file, text) in &made.files {
            let marked = format!("{file} (not executable)");
            let key = if files.contains_key(&marked) {
                marked
            } else {
                file.clone()
            };
            files.insert(key, text.clone());
        }
        let again = fixed(&files, rule);
        if !again.files.is_empty() {
            wrong.push(format!(
                "{}: a second run changes {:?}",
                path.display(),
                again.files
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_has_a_bad_and_a_good_case() {
    let cases = case::all();
    let missing: Vec<String> = ALL
        .iter()
        .flat_map(|rule| ["bad", "good"].map(|kind| (rule.id, kind)))
        .filter(|(id, kind)| {
            !cases.iter().any(|(of, path)| {
                of == id
                    && path
                        .file_stem()
                        .unwrap()
                        .to_string_lossy()
                        .starts_with(kind)
            })
        })
        .filter(|(id, _)| !["P02", "P03"].contains(id))
        .map(|(id, kind)| format!("{id}: {kind}"))
        .collect();
    assert!(missing.is_empty(), "no case: {missing:?}");
}

/// The same files as other editors write them: the same findings, the same fix.
#[test]
fn ends_of_lines_and_of_files_stay() {
    type Change = fn(&str) -> String;
    let windows: Change = |text| text.replace('\n', "\r\n");
    let open: Change = |text| text.trim_end().to_owned();
    for (id, path) in case::all() {
        let rule = case::rule(&id);
        let case = Case::read(&std::fs::read_to_string(&path).unwrap());
        let made = fixed(&case.files, rule);
        for change in [windows, open] {
            // A script with such ends of lines does not run: that is what S07 is about.
            if id == "S07" || case.files.values().any(|text| text.contains("\r\n")) {
                continue;
            }
            let files: BTreeMap<String, String> = case
                .files
                .iter()
                .map(|(path, text)| (path.clone(), change(text)))
                .collect();
            let other = fixed(&files, rule);
            assert_eq!(other.mended.len(), made.mended.len(), "{}", path.display());
            for (file, text) in &made.files {
                let expected = if case.files.contains_key(file) {
                    change(text)
                } else {
                    text.clone()
                };
                let (found, expected) = (
                    other.files.get(file).map(|text| text.trim_end()),
                    expected.trim_end().to_owned(),
                );
                assert_eq!(found, Some(expected.as_str()), "{}", path.display());
            }
        }
    }
}

/// An ignore needs a reason and a rule, holds for what it stands above, and is told when it ignores nothing.
#[test]
fn ignores() {
    let dockerfile = "\
FROM debian:bookworm
# boatyard ignore=D05 it drops its rights itself
USER root
# boatyard ignore=D20
RUN cd /x
# boatyard ignore=D99 there is none
# boatyard ignore=D20 nothing is here any more
CMD [\"a\"]
";
    let manifest = "\
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  containers:
    # boatyard ignore=M04,M08 it is the agent of the machines
    - name: agent
      image: a:1
      securityContext:
        privileged: true
    - name: other
      image: a:1
      securityContext: {allowPrivilegeEscalation: true} # boatyard ignore=M04 it changes its user
";
    let files = [("Dockerfile", dockerfile), ("k8s.yaml", manifest)];
    let files = files.map(|(path, text)| (path.to_owned(), text.to_owned()));
    let workspace = case::workspace(&BTreeMap::from(files));
    let rules = ["D05", "D20", "M04", "M08", "P02", "P03"].map(case::rule);
    assert_eq!(
        case::lines(&check_with(&workspace, &rules), &workspace),
        "\
Dockerfile:4:1 P02 warning no edit: this ignore has no reason
Dockerfile:5:5 D20 warning suggested: cd ends with this RUN
Dockerfile:6:1 P02 warning no edit: there is no rule \"D99\" to ignore
Dockerfile:7:1 P03 info no edit: nothing of D20 is found here
"
    );
}

/// What others are told to leave alone, we leave alone, as far as the rules are the same.
#[test]
fn ignores_for_other_tools() {
    let dockerfile = "\
# check=skip=JSONArgsRecommended
# hadolint global ignore=DL3006
FROM debian
# hadolint ignore=DL3008,DL3015
RUN apt-get update && apt-get install curl
# hadolint ignore=DL3003
RUN echo
# hadolint ignore=DL3001
RUN echo
# hadolint ignore=DL30
RUN cd /x
CMD a b
";
    let script = "\
#!/bin/sh
# shellcheck disable=SC2155
set -eu
# shellcheck disable=SC2086 # words
exec app --host $HOST --port $PORT
export NOW=$(date)
# shellcheck disable=SC2086
exec app --more $MORE_OF_IT \"$HOST\"
exec app $ARGUMENT
";
    let files = [("Dockerfile", dockerfile), ("entrypoint.sh", script)];
    let files = files.map(|(path, text)| (path.to_owned(), text.to_owned()));
    let workspace = case::workspace(&BTreeMap::from(files));
    let rules = ["D01", "D10", "D11", "D12", "D20", "S07", "P02", "P03"].map(case::rule);
    let found = case::lines(&check_with(&workspace, &rules), &workspace);
    assert_eq!(
        found,
        "\
Dockerfile:5:23 D11 warning safe: apt-get install asks, and nobody answers
Dockerfile:5:23 D11 warning safe: the package lists stay in the layer
Dockerfile:6:1 P03 info no edit: nothing of DL3003 of hadolint is found here
Dockerfile:10:1 P02 warning no edit: hadolint has no rule \"DL30\" to ignore
Dockerfile:11:5 D20 warning suggested: cd ends with this RUN
entrypoint.sh:9:10 S07 info no edit: $ARGUMENT falls apart at blanks
"
    );
}
