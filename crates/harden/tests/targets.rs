//! What `render compose` and `render quadlet` make: whole outputs of the examples, and nothing that `check` finds.

#![expect(
    clippy::disallowed_methods,
    reason = "tests read the examples, and outputs that lie beside them"
)]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use boatyard_harden::check::check;
use boatyard_harden::finding::Severity;
use boatyard_harden::render::{File, Rendered, compose, dockerfile, quadlet};
use boatyard_harden::settings::{Settings, Variant};
use boatyard_harden::workspace::{Source, Workspace};
use boatyard_plan::project::{Project, parse};
use boatyard_plan::variant::Variant as Form;
use proptest::prelude::*;

const TAG: &str = "docker-1a2b3c4";

fn composed(project: &Project) -> Rendered {
    compose::render(
        project,
        &compose::Options {
            tag: TAG.to_owned(),
        },
    )
}

fn units(project: &Project) -> Rendered {
    quadlet::render(
        project,
        &quadlet::Options {
            tag: TAG.to_owned(),
        },
    )
}

/// What `check` finds in files that are for clusters; hints, as to name versions of packages, do not count.
fn found(files: &[File]) -> Vec<String> {
    let settings = Settings {
        variant: Variant::K8s,
        ..Settings::default()
    };
    let sources = files.iter().map(|file| Source {
        path: file.path.clone(),
        text: file.text.clone(),
        executable: None,
        not_text: None,
        named: false,
    });
    let workspace = Workspace::read(sources.collect(), BTreeSet::new(), settings);
    let findings = check(&workspace);
    let told = findings
        .iter()
        .filter(|finding| finding.severity > Severity::Info);
    told.map(|finding| format!("{} {}", finding.rule.id, finding.message))
        .collect()
}

#[test]
fn the_examples_become_files() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut cases: Vec<(String, PathBuf)> = ["guestbook", "django-release"]
        .map(|name| {
            (
                name.to_owned(),
                root.join("../../examples").join(name).join("boatyard.toml"),
            )
        })
        .into();
    cases.push(("odd".to_owned(), root.join("tests/targets/odd.toml")));
    let mut wrong = String::new();
    for (name, path) in cases {
        let text = std::fs::read_to_string(&path).expect("the project file can be read");
        let project = parse(&text).expect("the project file has no mistakes");
        let file = dockerfile::project(&project, &[], Form::K8s).expect("a base that others have");
        for (target, rendered) in [
            ("compose", composed(&project)),
            ("quadlet", units(&project)),
            ("dockerfile", file),
        ] {
            compare(&format!("{name}.{target}"), &rendered, &mut wrong);
            assert_eq!(
                found(&rendered.files),
                Vec::<String>::new(),
                "{name} {target}"
            );
        }
    }
    assert!(wrong.is_empty(), "{UPDATE}\n{wrong}");
}

const UPDATE: &str = "UPDATE_EXPECTED=1 writes what comes out now; review it:";

/// Compares what was rendered with the file of this name.
fn compare(name: &str, rendered: &Rendered, wrong: &mut String) {
    let mut all = String::new();
    for note in &rendered.notes {
        let help = note.help.as_deref().unwrap_or_default();
        let _ = writeln!(all, "# note: {}; {help}", note.message);
    }
    for file in &rendered.files {
        let _ = writeln!(all, "== {}\n{}", file.path, file.text);
    }
    let expected = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/targets")
        .join(name);
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::write(&expected, &all).expect("the case can be written");
    }
    if std::fs::read_to_string(&expected).unwrap_or_default() != all {
        let _ = writeln!(wrong, "{}:\n{all}", expected.display());
    }
}

#[test]
fn dockerfiles_get_their_form_for_kubernetes() {
    let mut wrong = String::new();
    for name in ["shell", "stages", "inherited", "bash"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/targets");
        let path = folder.join(format!("{name}.Dockerfile"));
        let text = std::fs::read_to_string(path).expect("the case can be read");
        let rendered = dockerfile::k8s(&text).expect("no mistakes");
        compare(&format!("{name}.k8s"), &rendered, &mut wrong);
        // Once more changes nothing.
        let again = dockerfile::k8s(&rendered.files[0].text).expect("no mistakes");
        assert_eq!(again.files, rendered.files, "{name}");
    }
    assert!(wrong.is_empty(), "{UPDATE}\n{wrong}");
}

fn value() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "a",
        "",
        "yes",
        "a: b",
        "$HOME ${X}",
        "100%",
        "it's \"so\"",
        "a\\nb",
        "é",
        "#x",
        "[1]",
        "- a",
    ])
}

prop_compose! {
    fn project()(
        backings in prop::sample::subsequence(vec!["[backing.db]\nkind = \"postgres\"\n", "[backing.redis]\n"], 0..=2),
        port in prop::sample::select(vec!["", "port = 8080\n", "port = 8080\nready = \"http:///up\"\n", "ready = \"test -e /tmp/a b\"\n"]),
        stop in prop::sample::select(vec!["", "stop = { signal = \"QUIT\", grace = \"90s\" }\n"]),
        own in value(),
        common in value(),
        jobs in prop::sample::subsequence(vec![
            "[job.migrate]\ncommand = \"m $A\"\nwhen = \"before-deploy\"\n",
            "[job.tell]\ncommand = [\"t\"]\nwhen = \"after-deploy\"\n",
            "[job.shell]\ncommand = \"s\"\n",
        ], 0..=3),
        schedules in prop::sample::subsequence(vec![
            "[schedule.a]\ncron = \"*/5 1-3 1 * mon\"\ncommand = \"echo 100% $A\"\ntimezone = \"Europe/Paris\"\ntimeout = \"5m\"\n",
            "[schedule.web]\ncron = \"@daily\"\ncommand = [\"x\", \"y z\"]\nretries = 2\n",
        ], 0..=2),
        user in prop::sample::select(vec!["", "user = { name = \"x\", uid = 0, gid = 0 }\n"]),
        secret in prop::sample::select(vec!["A", "API_TOKEN"]),
    ) -> String {
        let table = |text: &str| format!("\"{}\"", text.replace('"', "\\\""));
        format!(
            "[project]\nname = \"p1\"\n[image]\n{user}env = {{ B = {} }}\n[role.web]\ncommand = \"w\"\n{port}{stop}env = {{ {secret} = {} }}\n[role.worker]\ncommand = \"x\"\nafter = [\"web\"]\n{}{}{}",
            table(common), table(own), backings.concat(), jobs.concat(), schedules.concat(),
        )
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn nothing_is_found_in_what_is_rendered(text in project()) {
        let project = parse(&text).unwrap_or_else(|mistakes| panic!("{text}\n{mistakes:#?}"));
        let compose = composed(&project);
        prop_assert_eq!(found(&compose.files), Vec::<String>::new(), "{}", &compose.files[0].text);
        let (documents, mistakes) = boatyard_harden::yaml::read(&compose.files[0].text);
        prop_assert!(mistakes.is_empty() && documents.len() == 1, "{:?}", mistakes);
        let units = units(&project);
        prop_assert_eq!(found(&units.files), Vec::<String>::new());
        let paths: BTreeSet<&String> = units.files.iter().map(|file| &file.path).collect();
        prop_assert_eq!(paths.len(), units.files.len());
        for file in &units.files {
            for line in file.text.lines() {
                let fits = line.is_empty() || line.starts_with('#') || (line.starts_with('[') && line.ends_with(']'));
                prop_assert!(fits || line.contains('='), "{}: {line}", file.path);
            }
            // What a unit needs is there.
            for line in file.text.lines().filter_map(|line| line.strip_prefix("Requires=")) {
                let needed = line.replace(".service", ".container");
                prop_assert!(paths.contains(&needed), "{}: {line}", file.path);
            }
        }
    }
}
