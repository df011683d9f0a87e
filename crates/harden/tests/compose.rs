//! Compose files and what `boatyard new --from` makes of them. A case is one file: each part begins with `-- PATH --`, its
//! text follows; the first is the Compose file.

#![expect(
    clippy::disallowed_methods,
    reason = "tests read the cases that lie beside them"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use boatyard_harden::compose::carry;
use boatyard_plan::detect::{Draft, Origin, Sources, draft, wants};
use boatyard_plan::{build, project, run};
use proptest::prelude::*;

#[test]
fn compose_files_become_project_files() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compose");
    let entries = std::fs::read_dir(&folder).expect("the folder of cases is there");
    let mut cases: Vec<PathBuf> = entries
        .map(|entry| entry.expect("the folder of cases can be read").path())
        .filter(|path| path.extension().is_some_and(|end| end == "tree"))
        .collect();
    cases.sort();
    assert!(!cases.is_empty());
    let mut wrong = String::new();
    for case in cases {
        let name = case.file_stem().expect("a name").to_string_lossy();
        let text = std::fs::read_to_string(&case).expect("the case can be read");
        let parts = parts(&text);
        let (path, compose) = &parts[0];
        let draft = drafted(&name, path, compose, &parts).expect("a Compose file");
        let mut text = draft.text.clone();
        text.push_str("\n== found\n");
        for found in &draft.found {
            let _ = writeln!(text, "{}: {}", found.file, found.what);
        }
        let expected = case.with_extension("expected");
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            std::fs::write(&expected, &text).expect("the case can be written");
        }
        let known = std::fs::read_to_string(&expected).unwrap_or_default();
        if known != text {
            let _ = writeln!(wrong, "{}:\n{text}", expected.display());
        }
    }
    assert!(
        wrong.is_empty(),
        "UPDATE_EXPECTED=1 writes what comes out now; review it:\n{wrong}"
    );
}

/// The draft, which is a project that can be planned; none if it is no Compose file.
fn drafted(name: &str, path: &str, compose: &str, parts: &[(String, String)]) -> Option<Draft> {
    let beside: BTreeMap<String, String> = parts.iter().skip(1).cloned().collect();
    let composed = carry(path, compose, name, &beside).ok()?;
    let paths: Vec<String> = parts.iter().map(|(path, _)| path.clone()).collect();
    let named = composed.recipe.as_ref().map(|recipe| recipe.file.clone());
    let wanted = parts
        .iter()
        .filter(|(path, _)| wants(path) || Some(path) == named.as_ref());
    let texts: BTreeMap<String, String> = wanted.cloned().collect();
    let draft = draft(&Sources {
        name,
        paths: &paths,
        texts: &texts,
        from: Some(Origin::Compose(&composed)),
    });
    let project = project::parse(&draft.text)
        .unwrap_or_else(|mistakes| panic!("{}\n{mistakes:#?}", draft.text));
    build::plan(&project);
    run::plan(&project, &[]).expect("all roles are known");
    Some(draft)
}

fn parts(text: &str) -> Vec<(String, String)> {
    let mut parts: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        let header = line
            .strip_prefix("-- ")
            .and_then(|rest| rest.strip_suffix(" --"));
        if let Some(path) = header {
            parts.push((path.to_owned(), String::new()));
        } else if let Some((_, text)) = parts.last_mut() {
            text.push_str(line);
            text.push('\n');
        }
    }
    parts
}

/// One key of a service, of some sense or of none.
fn key() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "build: .",
        "build: {context: a/../b, target: run, args: {A: '${B:-1}', C: }}",
        "build: ../x",
        "image: postgres:16",
        "image: redis",
        "image: 'x/${Y}'",
        "image: me/app",
        "command: python -m 'a b' $$X ${Y:-z}",
        "command: [sh, -c, 'exec a']",
        "command: ''",
        "entrypoint: [tini, --, './e.sh']",
        "ports: ['80:8000', '9000-9001:9000-9001', '53:53/udp']",
        "ports: [{target: 5432, published: '1'}, 0, '70000']",
        "expose: [8000, x]",
        "environment: {A: 1, SECRET_KEY: x, DATABASE_URL: 'postgres://a:b@b/c?d=e', 'é b': 2, E: }",
        "environment: [A=2, B, 'C=${D}']",
        "env_file: .env",
        "healthcheck: {test: [CMD, curl, -f, 'http://localhost:8000/up'], interval: 5s}",
        "healthcheck: {test: 'tcp://db:1'}",
        "healthcheck: {disable: true}",
        "depends_on: [a, b, nobody]",
        "depends_on: {b: {condition: service_completed_successfully, restart: true}}",
        "stop_signal: SIGUSR2",
        "stop_signal: 99",
        "stop_grace_period: 1m30.5s",
        "stop_grace_period: -1",
        "profiles: [tools]",
        "user: 1000:1000",
        "user: root",
        "volumes: ['.:/app', {type: volume, source: x, target: /x}, /y]",
        "tmpfs: [/tmp, /run]",
        "extends: {service: a}",
        "<<: *z",
        "deploy: {replicas: 2}",
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn whatever_a_compose_file_says_the_result_is_read(
        name in "[a-zA-Zé_. -]{0,9}",
        services in prop::collection::btree_map(
            prop::sample::select(vec!["a", "b", "web_1", "Web-1", "é", "postgres", "base"]),
            prop::collection::vec(key(), 0..7),
            0..5,
        ),
        dockerfile in prop::sample::select(vec!["", "FROM x\nCMD a\nEXPOSE 8000\n", "FROM python:3.11\nENTRYPOINT [\"tini\",\"--\"]\n"]),
    ) {
        let mut text = String::from("x-z: &z {restart: always, environment: {A: 3}}\nservices:\n");
        for (service, keys) in &services {
            let _ = writeln!(text, "  {service}:\n    x-y: 1");
            for key in keys {
                let _ = writeln!(text, "    {key}");
            }
        }
        let parts = [
            ("compose.yaml".to_owned(), text.clone()),
            ("Dockerfile".to_owned(), dockerfile.to_owned()),
            ("requirements.txt".to_owned(), "psycopg2\n".to_owned()),
        ];
        drafted(&name, "compose.yaml", &text, &parts);
    }
}
