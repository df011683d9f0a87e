//! Project files and what becomes of them, folder by folder. `UPDATE_EXPECTED=1 cargo test -p boatyard-plan` writes what
//! is expected anew: review it like code.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::expected::{compare, json, read};
use boatyard_plan::diagnostic::Diagnostic;
use boatyard_plan::{build, project, run};

#[test]
fn good_files_become_plans() {
    for case in cases("good") {
        let text = read(&case);
        let project = project::parse(&text)
            .unwrap_or_else(|mistakes| panic!("{}", render(&case, &text, &mistakes)));
        let plan = build::plan(&project);
        assert_eq!(
            project::parse(&text).map(|again| json(&build::plan(&again))),
            Ok(json(&plan)),
            "same text, same plan"
        );
        compare(&case.with_extension("build.json"), &json(&plan));
        let run = run::plan(&project, &[]).expect("all roles are known");
        compare(&case.with_extension("run.json"), &json(&run));
        compare(&case.with_extension("build.txt"), &build::render(&plan));
    }
}

#[test]
fn bad_files_are_explained() {
    for case in cases("bad") {
        let text = read(&case);
        let mistakes =
            project::parse(&text).expect_err(&format!("{} has mistakes", case.display()));
        assert!(
            !mistakes.is_empty(),
            "{}: an error without a mistake",
            case.display()
        );
        compare(
            &case.with_extension("expected"),
            &render(&case, &text, &mistakes),
        );
    }
}

fn cases(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/project")
        .join(folder);
    let entries = std::fs::read_dir(&folder).expect("the folder of cases is there");
    let paths = entries.map(|entry| entry.expect("the folder of cases can be read").path());
    let mut cases: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|ext| ext == "toml"))
        .collect();
    cases.sort();
    assert!(!cases.is_empty(), "no cases in {}", folder.display());
    cases
}

/// Each mistake as `file:line:column: message`, the line with the wrong bytes underlined, and the help.
fn render(case: &Path, text: &str, mistakes: &[Diagnostic]) -> String {
    let name = case
        .file_name()
        .expect("a case has a name")
        .to_string_lossy();
    let mut out = String::new();
    for mistake in mistakes {
        let (line, column) = mistake.position(text);
        let source = text.lines().nth(line - 1).unwrap_or("");
        let rest = source.chars().count().saturating_sub(column - 1);
        let wrong = text[mistake.span.clone()]
            .chars()
            .take_while(|&c| c != '\n')
            .count()
            .clamp(1, rest.max(1));
        let marks = format!(
            "{}{} {}",
            " ".repeat(column - 1),
            "^".repeat(wrong),
            mistake.label
        );
        writeln!(out, "{name}:{line}:{column}: {}", mistake.message)
            .expect("a string takes everything");
        writeln!(out, "    {source}\n    {}", marks.trim_end()).expect("a string takes everything");
        if let Some(help) = &mistake.help {
            writeln!(out, "help: {help}").expect("a string takes everything");
        }
    }
    out
}
