//! What `boatyard render k8s` gives to Kustomize and Helm says the same as the plain manifests, once they have read it.

mod boatyard;
mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use boatyard::Boatyard;
use boatyard_cluster::Manifest;
use boatyard_kubetest::kubectl;
use serde_json::Value;
use support::not_run;

/// A label that Kustomize's and Helm's own ways to set a tag do not reach alike.
const VERSION: &str = "app.kubernetes.io/version";

/// When Helm runs a job, where plain manifests leave that to who applies them.
const HOOK: &str = "helm.sh/hook";

/// Projects with nearly all that can be rendered.
fn projects() -> [PathBuf; 2] {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    [
        root.join("examples/guestbook/boatyard.toml"),
        root.join("crates/harden/tests/render/full.toml"),
    ]
}

#[test]
fn kustomize_makes_the_same_objects() {
    if kubectl().is_none() {
        return not_run("no kubectl here: tools/kubetest/build makes it");
    }
    for project in projects() {
        let boatyard = rendered(&project, "--kustomize");
        let mut command = kubectl().unwrap();
        command.args(["kustomize", "out"]);
        // Where a RoleBinding does not say where its accounts are, they are where it is; Kustomize says it.
        compare(&boatyard, command, |object| {
            let namespace = object["metadata"]["namespace"].clone();
            if object["kind"] == "RoleBinding" && !namespace.is_null() {
                object["subjects"][0]["namespace"] = namespace;
            }
        });
    }
}

#[test]
fn helm_makes_the_same_objects() {
    if Command::new("helm").arg("version").output().is_err() {
        return not_run("helm is not installed");
    }
    for project in projects() {
        let boatyard = rendered(&project, "--helm");
        let mut lint = Command::new("helm");
        lint.args(["lint", "--strict", "out"]);
        run(&boatyard, lint);
        let mut command = Command::new("helm");
        command.args(["template", "shop", "out"]);
        // `helm -n` says where.
        compare(&boatyard, command, |object| {
            object["metadata"]
                .as_object_mut()
                .unwrap()
                .remove("namespace");
        });
    }
}

/// The project of that file, rendered to `out` in this form.
fn rendered(file: &Path, form: &str) -> Boatyard {
    let boatyard = Boatyard::new();
    boatyard.file("boatyard.toml", &std::fs::read_to_string(file).unwrap());
    let said = boatyard.run(["render", "k8s", "--tag", "v1", form, "-o", "out"]);
    assert_eq!(said.code, 0, "{}", said.err);
    boatyard
}

/// What `command` gives is what is rendered plainly, but for what `differs` takes away.
fn compare(boatyard: &Boatyard, command: Command, differs: impl Fn(&mut Value)) {
    let plain = boatyard.run(["render", "k8s", "--tag", "v1"]);
    assert_eq!(plain.code, 0, "{}", plain.err);
    let (mut expected, found) = (objects(&plain.out), objects(&run(boatyard, command)));
    expected.values_mut().for_each(differs);
    let names: Vec<_> = expected.keys().collect();
    assert_eq!(found.keys().collect::<Vec<_>>(), names);
    for (name, object) in &expected {
        assert_eq!(&found[name], object, "{name}");
    }
}

/// Standard output of what has to go well.
fn run(boatyard: &Boatyard, mut command: Command) -> String {
    let output = command.current_dir(boatyard.project()).output().unwrap();
    let [out, err] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    assert!(output.status.success(), "{command:?}: {out}{err}");
    out.into_owned()
}

/// All objects by kind and name, without what may differ: the label of the version, Helm's hooks, and the end of a job's name,
/// by which plain manifests make a new job for what a job cannot be changed to.
fn objects(text: &str) -> BTreeMap<String, Value> {
    let manifests = Manifest::read(text, "rendered").unwrap();
    let objects = manifests.into_iter().map(|manifest| {
        let mut value = manifest.value().clone();
        without_own(&mut value);
        let kind = value["kind"].as_str().unwrap().to_owned();
        let mut name = manifest.name().to_owned();
        if kind == "Job" {
            name = without_hash(&name).to_owned();
            value["metadata"]["name"] = Value::from(name.clone());
        }
        (format!("{kind}/{name}"), value)
    });
    objects.collect()
}

fn without_own(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|key, _| key != VERSION && !key.starts_with(HOOK));
            map.values_mut().for_each(without_own);
        }
        Value::Array(list) => list.iter_mut().for_each(without_own),
        _ => {}
    }
}

fn without_hash(name: &str) -> &str {
    let is_hash = |end: &str| end.len() == 8 && end.bytes().all(|byte| byte.is_ascii_hexdigit());
    match name.rsplit_once('-') {
        Some((name, end)) if is_hash(end) => name,
        _ => name,
    }
}
