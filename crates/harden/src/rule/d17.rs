//! D17: what only developers need is in the image.

use boatyard_plan::dockerfile::Kind;

use super::command::{Packages, all};
use super::{Fixing, Rule};
use crate::finding::Severity;
use crate::report::Report;
use crate::workspace::Workspace;

pub(super) const RULE: Rule = Rule {
    id: "D17",
    severity: Severity::Info,
    title: "tests and tools of developers are in the image",
    why: "They make the image larger and give whoever breaks in more to work with, and what runs is not what a user of the package gets.",
    mend: "install them in a stage of its own: FROM production AS test",
    fix: Fixing::Never,
    same_as: "",
    check,
};

/// Packages that test, format and debug.
const TOOLS: [&str; 14] = [
    "pytest",
    "pytest-cov",
    "tox",
    "nox",
    "mypy",
    "ruff",
    "flake8",
    "black",
    "isort",
    "pylint",
    "coverage",
    "ipdb",
    "pre-commit",
    "debugpy",
];

fn check(workspace: &Workspace, report: &mut Report) {
    for (document, dockerfile) in workspace.dockerfiles() {
        let is_for_tests = |name: &str| {
            name.to_lowercase().split(['/', '.', '-', '_']).any(|part| {
                matches!(
                    part,
                    "test"
                        | "tests"
                        | "testing"
                        | "dev"
                        | "development"
                        | "ci"
                        | "devcontainer"
                        | "lint"
                )
            })
        };
        let chain = dockerfile.chain();
        let stages = chain.iter().filter_map(|stage| stage.name.as_ref());
        if is_for_tests(&document.path) || stages.into_iter().any(|name| is_for_tests(&name.text)) {
            continue;
        }
        for (stage, _, script) in dockerfile.runs() {
            if !dockerfile.is_kept(stage) {
                continue;
            }
            for simple in all(script) {
                let Some(one) = Packages::of(simple) else {
                    continue;
                };
                if !one.is_pip() && one.manager != "uv" || one.verb != "install" {
                    continue;
                }
                let words = simple.words.iter().skip(one.at + 1);
                for word in words {
                    let raw = word.raw.trim_matches(['"', '\'']);
                    let name = raw
                        .split(['=', '<', '>', '~', '[', '!'])
                        .next()
                        .unwrap_or(raw);
                    if TOOLS.contains(&name)
                        || (raw.rsplit('.').next() == Some("txt") && is_for_tests(raw))
                    {
                        report.add(
                            &RULE,
                            &document.path,
                            word.span.clone(),
                            format!("{raw} is for developers"),
                        );
                    }
                }
            }
        }
        for (_, instruction) in dockerfile.made() {
            if let Kind::Copy(words) = &instruction.kind {
                for word in words.iter().rev().skip(1) {
                    let name = word
                        .text
                        .trim_end_matches('/')
                        .rsplit('/')
                        .next()
                        .unwrap_or_default();
                    if matches!(name, "tests" | "test") {
                        report.add(
                            &RULE,
                            &document.path,
                            word.span.clone(),
                            "the tests are in the image",
                        );
                    }
                }
            }
        }
    }
}
