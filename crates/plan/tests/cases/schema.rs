//! docs/reference/plan.schema.json says what `boatyard plan --json` prints: every plan of the cases fits it, and what is
//! changed does not.

use std::collections::BTreeSet;
use std::path::Path;

use crate::check::mistakes;
use crate::expected::read;
use serde_json::{Value, json};

#[test]
fn every_plan_fits_and_every_alternative_is_seen() {
    let schema = schema();
    let mut seen = BTreeSet::new();
    for (name, plan) in plans() {
        let found = mistakes(&schema, &schema, &plan, &name);
        assert!(found.is_empty(), "{}", found.join("\n"));
        kinds(&plan, &mut seen);
    }
    let expected = [
        "archive",
        "backing",
        "copy",
        "debian",
        "distroless",
        "dockerfile",
        "exec",
        "file",
        "files",
        "folder",
        "http",
        "init",
        "job",
        "layout",
        "lock",
        "packages",
        "pyproject",
        "python",
        "registry",
        "release",
        "role",
        "scratch",
        "tcp",
        "user",
    ];
    assert_eq!(
        seen,
        expected.map(str::to_owned).into(),
        "the cases leave something out, or the plan has a new kind"
    );
}

#[test]
fn other_things_do_not_fit() {
    let schema = schema();
    let (name, plan) = plans().swap_remove(0);
    for (pointer, key, value) in [
        ("", "schema", json!(2)),
        ("", "extra", json!(true)),
        ("/stages/0", "from", json!({"stage": 1})),
        ("/stages/0/steps/0", "id", json!("base")),
        ("/stages/0/steps/0/action", "do", json!("packs")),
        ("/stages/0/steps/0/action", "names", json!([])),
        ("/images/0/config", "user", json!("0")),
        ("/run/processes/0", "port", json!(70000)),
    ] {
        let mut changed = plan.clone();
        let at = changed
            .pointer_mut(pointer)
            .unwrap_or_else(|| panic!("{name} has no {pointer}"));
        at.as_object_mut()
            .expect("an object")
            .insert(key.to_owned(), value);
        assert!(
            !mistakes(&schema, &schema, &changed, "").is_empty(),
            "{pointer}/{key} is not noticed"
        );
    }
    let mut without = plan;
    without.as_object_mut().expect("an object").remove("images");
    assert_eq!(
        mistakes(&schema, &schema, &without, ""),
        [": \"images\" is missing"]
    );
}

fn schema() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/plan.schema.json");
    serde_json::from_str(&read(&path)).expect("the schema is JSON")
}

/// The expected plans of all cases, as `boatyard plan --json` prints them: with what is run inside.
fn plans() -> Vec<(String, Value)> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut plans = Vec::new();
    for folder in ["project/good", "release"] {
        for entry in std::fs::read_dir(tests.join(folder)).expect("the folder of cases is there") {
            let path = entry.expect("the folder of cases can be read").path();
            let Some(stem) = path
                .to_string_lossy()
                .strip_suffix(".build.json")
                .map(str::to_owned)
            else {
                continue;
            };
            let mut plan: Value = serde_json::from_str(&read(&path)).expect("a plan is JSON");
            let run = Path::new(&format!("{stem}.run.json")).to_path_buf();
            if folder == "project/good" {
                plan["run"] = serde_json::from_str(&read(&run)).expect("a plan is JSON");
            }
            plans.push((stem.rsplit('/').next().unwrap_or_default().to_owned(), plan));
        }
    }
    plans.sort_by(|a, b| a.0.cmp(&b.0));
    // The one with the most in it first.
    let guestbook = plans
        .iter()
        .position(|(name, _)| name == "guestbook")
        .expect("the guestbook is a case");
    plans.swap(0, guestbook);
    plans
}

/// Every value of `kind` and `do` anywhere in `value`.
fn kinds(value: &Value, seen: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            let tags = ["kind", "do"]
                .into_iter()
                .filter_map(|tag| object.get(tag)?.as_str());
            seen.extend(tags.map(str::to_owned));
            object.values().for_each(|value| kinds(value, seen));
        }
        Value::Array(items) => items.iter().for_each(|value| kinds(value, seen)),
        _ => {}
    }
}
