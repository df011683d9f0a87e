//! Kubefiles: what is made of them is what runboat makes, with kubectl, of the same; `record.py` says how that was recorded.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use boatyard_cluster::Manifest;
use boatyard_cluster::kubefiles::{Build, Commit, Files, Mode, breaches, manifests};
use boatyard_plan::failure::Failure as _;
use serde_json::Value;

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kubefiles")
}

/// All files below `folder`.
fn files(folder: &Path) -> Files {
    fn collect(folder: &Path, before: &str, files: &mut Files) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = format!("{before}{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                collect(&entry.path(), &format!("{name}/"), files)?;
            } else {
                files.insert(name, fs::read_to_string(entry.path())?);
            }
        }
        Ok(())
    }
    let mut files = Files::new();
    collect(folder, "", &mut files).unwrap();
    files
}

/// As record.py has it.
fn build(mode: Mode, pr: Option<u64>) -> Build {
    let map = |name: &str, value: &str| BTreeMap::from([(name.to_owned(), value.to_owned())]);
    let commit = if pr.is_some() {
        "fedcba9876543210"
    } else {
        "0123456789abcdef"
    };
    Build {
        mode,
        namespace: "builds".to_owned(),
        build_name: "b1".to_owned(),
        build_slug: "acme-shop-main-0123".to_owned(),
        build_domain: "preview.example.com".to_owned(),
        commit_info: Commit {
            repo: "acme/shop".to_owned(),
            target_branch: "main".to_owned(),
            pr,
            git_commit: commit.to_owned(),
        },
        image_name: "registry.example.com/acme/shop".to_owned(),
        image_tag: "1.2".to_owned(),
        build_env: map("GREETING", "hello, \"you\""),
        build_secret_env: map("PGPASSWORD", "thepgpassword"),
        build_template_vars: map("storageClassName", "fast"),
    }
}

fn by_name<'a>(objects: impl IntoIterator<Item = &'a Value>) -> BTreeMap<String, Value> {
    let named = objects.into_iter().map(|object| {
        let name = format!("{}/{}", object["kind"], object["metadata"]["name"]);
        (name, object.clone())
    });
    named.collect()
}

#[test]
fn they_give_what_runboat_makes_of_them() {
    let mut folders = 0;
    for entry in fs::read_dir(here()).unwrap() {
        let folder = entry.unwrap().path();
        if !folder.is_dir() {
            continue;
        }
        folders += 1;
        let recorded = fs::read_to_string(folder.join("recorded.json")).unwrap();
        let recorded: BTreeMap<String, Vec<Value>> = serde_json::from_str(&recorded).unwrap();
        assert_eq!(recorded.len(), 2 * Mode::ALL.len());
        let files = files(&folder.join("files"));
        for mode in Mode::ALL {
            for (name, pr) in [("branch", None), ("pull", Some(7))] {
                let key = format!("{} {name}", mode.name());
                let build = build(mode, pr);
                let made = manifests(&files, &build).unwrap_or_else(|error| panic!("{error:?}"));
                let found = by_name(made.iter().map(Manifest::value));
                let expected = by_name(&recorded[&key]);
                let names: Vec<_> = found.keys().collect();
                assert_eq!(names, expected.keys().collect::<Vec<_>>(), "{key}");
                for (name, object) in &found {
                    let expected = &expected[name];
                    assert!(
                        object == expected,
                        "{key}: {name}\n{object:#}\n{expected:#}"
                    );
                }
                assert_eq!(breaches(&made, &build), [], "{key}");
            }
        }
    }
    assert!(folders > 0);
}

#[test]
fn what_breaks_the_contract_is_told() {
    let mut files = files(&here().join("shop/files"));
    let all = files.get_mut("base/all.yaml").unwrap();
    *all = all
        .replace("runboat/init-status: todo", "runboat/init-status: done")
        .replace("replicas: 0", "replicas: 2")
        .replace("  finalizers: [runboat/cleanup]\n", "");
    files.insert("web-patch.yaml.jinja".to_owned(), "[]".to_owned());
    let job = files.get_mut("base/jobs/cleanup.yaml").unwrap();
    *job = job.replace("runboat/job-kind: cleanup", "kind: cleanup");
    let told = |mode: Mode| -> Vec<String> {
        let build = build(mode, None);
        let made = manifests(&files, &build).unwrap();
        let told = breaches(&made, &build).into_iter().map(|breach| {
            let object = breach
                .object
                .map(|id| format!("{id}: "))
                .unwrap_or_default();
            object + &breach.expected
        });
        told.collect()
    };
    assert_eq!(
        told(Mode::Deployment),
        [
            "Deployment/b1-web-one: the annotation runboat/init-status: \"todo\"",
            "Deployment/b1-web-one: replicas: 0",
            "Deployment/b1-web-one: the finalizer runboat/cleanup",
        ]
    );
    assert_eq!(
        told(Mode::Cleanup),
        ["a Job that is labelled, as are its pods, runboat/job-kind: cleanup"]
    );
    let text = files["kustomization.yaml.jinja"].replace("runboat/build:", "build:");
    files.insert("kustomization.yaml.jinja".to_owned(), text);
    let made = manifests(&files, &build(Mode::Start, None)).unwrap();
    let all = breaches(&made, &build(Mode::Start, None));
    assert_eq!(all.len(), made.len(), "{all:?}");
    assert_eq!(all[0].expected, "the label runboat/build: b1");
}

/// What kustomize would do and is not done here is refused; so is what is wrong.
#[test]
fn what_is_not_done_is_said() {
    let config = "kind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\n";
    for (kustomization, expected) in [
        (
            "resources: [https://example.com/a.yaml]",
            "kustomization.yaml: the resource https://example.com/a.yaml, which is elsewhere, is not done here",
        ),
        (
            "configMapGenerator: [{name: a}]",
            "kustomization.yaml: a mark at the end of generated names (generatorOptions without disableNameSuffixHash: true) is not done here",
        ),
        (
            "resources: [a.yaml]\npatches: [{patch: '{kind: ConfigMap, metadata: {name: a}}'}]",
            "kustomization.yaml: a patch that is no list of operations with a target is not done here",
        ),
        (
            "patches: [{patch: '[]', target: {name: a.*}}]",
            "kustomization.yaml: a patch for all names that fit a pattern is not done here",
        ),
        (
            "resources: [b.yaml]",
            "kustomization.yaml names b.yaml, which is not there",
        ),
        ("resources: [bad.yaml]", "an object of bad.yaml has no kind"),
        (
            "helmCharts: []",
            "cannot read kustomization.yaml: error: line 1 column 1: unknown field `helmCharts`",
        ),
        (
            "resources: [a.yaml]\npatches: [{patch: '[{op: remove, path: /data}]', target: {name: a}}]",
            "a patch of kustomization.yaml does not fit: there is no /data",
        ),
        (
            "resources: [a.yaml]\npatches: [{patch: '[{op: test, path: /kind, value: B}]', target: {name: a}}]",
            "a patch of kustomization.yaml does not fit: /kind is something else than the patch expects",
        ),
        (
            "resources: [a.yaml]\npatches: [{patch: '[{op: replace, value: {}}]', target: {name: a}}]",
            "a patch of kustomization.yaml does not fit: an operation has no path",
        ),
        (
            "resources: [a.yaml]\npatches: [{patch: '[{op: copy, path: /data}]', target: {name: a}}]",
            "a patch of kustomization.yaml does not fit: copy has no from",
        ),
        (
            "namespace: b\nnamePrefix: b-\nresources: [a.yaml]\npatches: [{patch: '[{op: replace, path: /metadata, value: b}]', target: {name: a}}]",
            "an object of kustomization.yaml has no metadata.name",
        ),
        (
            "commonLabels: {b: c}\nresources: [a.yaml]\npatches: [{patch: '[{op: add, path: /metadata/labels, value: b}]', target: {name: a}}]",
            "metadata/labels of an object of kustomization.yaml is no map",
        ),
        (
            "commonAnnotations: {b: c}\nresources: [a.yaml]\npatches: [{patch: '[{op: add, path: /metadata/annotations, value: [b]}]', target: {name: a}}]",
            "metadata/annotations of an object of kustomization.yaml is no map",
        ),
        (
            "resources: [.]",
            "kustomization.yaml names the folder ., which it is in itself",
        ),
        (
            "resources: [..]",
            "kustomization.yaml names the folder .., which it is in itself",
        ),
        (
            "resources: [deep]",
            "deep/kustomization.yaml names the folder ../deep/.., which it is in itself",
        ),
    ] {
        let text = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        let files = Files::from([
            text("kustomization.yaml", kustomization),
            text("a.yaml", config),
            text("bad.yaml", "apiVersion: v1"),
            text("deep/kustomization.yaml", "resources: [../deep/..]"),
        ]);
        let error = manifests(&files, &build(Mode::Start, None)).unwrap_err();
        let mut told = error.to_string();
        if let Some(cause) = std::error::Error::source(&error) {
            told = format!("{told}: {cause}");
        }
        assert!(told.starts_with(expected), "{told}\n{expected}");
        assert_eq!(
            error.help().is_some(),
            told.ends_with("is not done here"),
            "{told}"
        );
    }
    let files = Files::from([("kustomization.yaml.jinja".to_owned(), "a: {{ b".to_owned())]);
    let error = manifests(&files, &build(Mode::Start, None)).unwrap_err();
    assert_eq!(error.to_string(), "cannot fill in kustomization.yaml.jinja");
}
