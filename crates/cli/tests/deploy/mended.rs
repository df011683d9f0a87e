//! What `check --fix` leaves is admitted where the restricted profile is enforced, or a finding says that it is not.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use boatyard_cluster::Manifest;
use boatyard_kubetest::Cluster;

use crate::admitted::Restricted;
use crate::boatyard::Boatyard;

/// Manifests that are mended whole, with `--unsafe`; `told.yaml` cannot be.
const OWN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/deploy/mended");
/// The cases of the rules.
const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../harden/tests/rules");
/// What is said of kinds that only extended clusters have.
const UNKNOWN: &str = "cannot find out what";

#[test]
fn what_is_mended_is_admitted_where_the_restricted_profile_is_enforced() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let restricted = Restricted::of(cluster);
    let mut wrong = Vec::new();
    let mut admitted = 0;
    for name in ["many.yaml", "spelled.yaml"] {
        let text = std::fs::read_to_string(Path::new(OWN).join(name)).unwrap();
        for text in [text.clone(), text.replace('\n', "\r\n")] {
            let (mended, errors) = mended(&[(name.to_owned(), text)], true);
            assert!(errors.is_empty(), "{name}: still there: {errors:?}");
            for (_, text) in &mended {
                for manifest in Manifest::read(text, name).unwrap() {
                    match restricted.refusal(&manifest) {
                        Some(refusal) => wrong.push(format!("{name} {refusal}\n{text}")),
                        None => admitted += 1,
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(admitted > 10, "{admitted}");
}

#[test]
fn what_no_edit_mends_is_told() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let restricted = Restricted::of(cluster);
    let mut wrong = Vec::new();
    let (mut admitted, mut told) = (0, 0);
    for (case, files) in cases() {
        for suggested in [false, true] {
            let (mended, errors) = mended(&files, suggested);
            for (name, text) in &mended {
                // What is not YAML is a finding of its own.
                let Ok(manifests) = Manifest::read(text, name) else {
                    continue;
                };
                for manifest in manifests {
                    match restricted.refusal(&manifest) {
                        None => admitted += 1,
                        Some(_) if errors.contains(name) => told += 1,
                        Some(refusal) if refusal.contains(UNKNOWN) => {}
                        Some(refusal) => {
                            wrong.push(format!("{} {name} {refusal}\n{text}", case.display()));
                        }
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(
        admitted > 50 && told > 50,
        "{admitted} admitted, {told} told"
    );
}

/// The manifests of the rules' cases, and those that cannot be mended: a file of each.
fn cases() -> Vec<(PathBuf, Vec<(String, String)>)> {
    let own = Path::new(OWN).join("told.yaml");
    let text = std::fs::read_to_string(&own).unwrap();
    let mut cases = vec![(own, vec![("told.yaml".to_owned(), text)])];
    for rule in std::fs::read_dir(CASES).unwrap() {
        for case in std::fs::read_dir(rule.unwrap().path()).unwrap() {
            let path = case.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let files: Vec<_> = files(&text)
                .into_iter()
                .filter(|(_, text)| text.starts_with("apiVersion:"))
                .collect();
            if !files.is_empty() {
                cases.push((path, files));
            }
        }
    }
    assert!(cases.len() > 50, "{}", cases.len());
    cases
}

/// The files of a case, as they are before they are mended.
fn files(case: &str) -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = Vec::new();
    for line in case.split_inclusive('\n') {
        let header = line.trim_end().strip_prefix("-- ");
        match header.and_then(|rest| rest.strip_suffix(" --")) {
            Some("findings") => break,
            Some(name) => files.push((name.to_owned(), String::new())),
            None => {
                if let Some((_, text)) = files.last_mut() {
                    text.push_str(line);
                }
            }
        }
    }
    files
}

/// The files after `check --fix`, and those in which errors are left.
fn mended(
    files: &[(String, String)],
    suggested: bool,
) -> (Vec<(String, String)>, BTreeSet<String>) {
    let boatyard = Boatyard::new();
    for (name, text) in files {
        boatyard.file(name, text);
    }
    let mut words = vec!["check", "--fix", "--json"];
    words.extend(suggested.then_some("--unsafe"));
    let said = boatyard.run(words);
    assert!([0, 1, 2].contains(&said.code), "{}", said.err);
    let said: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    let errors = said["findings"].as_array().unwrap().iter();
    // What may be newer than the program is a remark of M19.
    let errors = errors
        .filter(|finding| finding["severity"] == "error" || finding["rule"] == "M19")
        .map(|finding| finding["file"].as_str().unwrap().to_owned());
    let read = |name: &str| std::fs::read_to_string(boatyard.project().join(name)).unwrap();
    let mended = files.iter().map(|(name, _)| (name.clone(), read(name)));
    (mended.collect(), errors.collect())
}
