//! Folders and what `boatyard new` makes of them. A case is one file: each part begins with `-- PATH --`, its text follows.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use boatyard_plan::detect::{Draft, Sources, draft, wants};
use boatyard_plan::{build, project, run};
use proptest::prelude::*;

use crate::expected::{compare, read};

#[test]
fn sources_become_project_files() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/detect");
    let entries = std::fs::read_dir(&folder).expect("the folder of cases is there");
    let mut cases: Vec<PathBuf> = entries
        .map(|entry| entry.expect("the folder of cases can be read").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "tree")
        })
        .collect();
    cases.sort();
    assert!(!cases.is_empty());
    for case in cases {
        let name = case.file_stem().expect("a name").to_string_lossy();
        let draft = drafted(&name, &files(&read(&case)));
        let mut text = draft.text.clone();
        text.push_str("\n== found\n");
        for found in &draft.found {
            let _ = writeln!(text, "{}: {}", found.file, found.what);
        }
        compare(&case.with_extension("expected"), &text);
    }
}

/// The draft, which is a project that can be planned.
fn drafted(name: &str, files: &BTreeMap<String, String>) -> Draft {
    let paths: Vec<String> = files.keys().cloned().collect();
    let wanted = files.iter().filter(|(path, _)| wants(path));
    let texts = wanted
        .map(|(path, text)| (path.clone(), text.clone()))
        .collect();
    let draft = draft(&Sources {
        from: None,
        name,
        paths: &paths,
        texts: &texts,
    });
    let project = project::parse(&draft.text)
        .unwrap_or_else(|mistakes| panic!("{}\n{mistakes:#?}", draft.text));
    build::plan(&project);
    run::plan(&project, &[]).expect("all roles are known");
    draft
}

fn files(text: &str) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut name = None;
    for line in text.lines() {
        let header = line
            .strip_prefix("-- ")
            .and_then(|rest| rest.strip_suffix(" --"));
        if let Some(path) = header {
            name = Some(path.to_owned());
            files.insert(path.to_owned(), String::new());
        } else if let Some(text) = name.as_ref().and_then(|name| files.get_mut(name)) {
            text.push_str(line);
            text.push('\n');
        }
    }
    files
}

/// Texts made of pieces that mean something, and of others.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("FROM python:3.11\n"),
        Just("FROM x\n"),
        Just("CMD a \"b\" 'c'\n"),
        Just("EXPOSE 6379 0\n"),
        Just("ENV A-B=1 C=\"d e\"\n"),
        Just("STOPSIGNAL 15\n"),
        Just("HEALTHCHECK CMD curl http://localhost:99999/\n"),
        Just("WORKDIR a/../$B\n"),
        Just("RUN apt-get install -y a libx-dev X $Y && b\n"),
        Just("web: a\n"),
        Just("redis: b\\\n"),
        Just("a = 1\u{1}\n"),
        Just("psycopg2\nredis\ngunicorn\n"),
        Just("app = Flask(__name__)\n"),
        Just("c = Celery()\n"),
        Just("DJANGO_SETTINGS_MODULE', 'x.y'\n"),
        Just("image: redis:7\n"),
        Just("é: \u{7f}\n"),
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn whatever_is_in_the_files_the_result_is_read(
        name in "[a-zA-Zé_. -]{0,9}",
        texts in prop::collection::btree_map(
            prop::sample::select(vec![
                "Procfile", "Dockerfile", "requirements.txt", "manage.py", "a/b.py", ".s2i/environment", "app.sh",
                "compose.yaml", "pyproject.toml", "runtime.txt", "uv.lock", "a b/'\".py", "alembic.ini",
            ]),
            text(),
            0..8,
        ),
    ) {
        let files = texts.into_iter().map(|(path, text)| (path.to_owned(), text)).collect();
        drafted(&name, &files);
    }
}
