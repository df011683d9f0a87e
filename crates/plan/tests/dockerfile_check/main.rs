//! The build checks, a file of cases for each rule. What a case knows beside its Dockerfile stands after its name:
//!
//! ```text
//! === what it shows | ignore *.md, docs | argument TAG=1 | image 0 HOME=/root
//! ```
//! `UPDATE_EXPECTED=1 cargo test -p boatyard-plan --test dockerfile_check` writes what is expected anew.
#![expect(
    clippy::disallowed_methods,
    reason = "the tests of a pure crate read their cases from files"
)]

#[path = "../dockerfile_parse/case.rs"]
mod case;
mod mutate;

use std::cell::RefCell;
use std::collections::BTreeSet;

use boatyard_plan::dockerfile::check::{CheckFinding, Facts, Rule, Settings, check};
use boatyard_plan::dockerfile::ignore::Ignore;
use boatyard_plan::dockerfile::{self, Dockerfile};

const RULES: &str = "../dockerfile_check/rules";

#[test]
fn rules_find_what_they_are_for() {
    let fired = RefCell::new(BTreeSet::new());
    let silent = RefCell::new(0);
    let count = case::run_named(RULES, |case| {
        let text = case.text();
        let dockerfile = read(&text);
        let ignore = ignore(&case.name);
        let findings = check(&dockerfile, &text, &facts(&case.name, ignore.as_ref()));
        fired
            .borrow_mut()
            .extend(findings.iter().map(|finding| finding.rule));
        if findings.is_empty() {
            silent.replace_with(|count| *count + 1);
        }
        draw(&findings, &dockerfile, &text)
    });
    let fired = fired.into_inner();
    let never: Vec<Rule> = Rule::ALL
        .into_iter()
        .filter(|rule| !fired.contains(rule))
        .collect();
    assert_eq!(
        never,
        [],
        "each rule has a case in which it finds something"
    );
    assert!(
        silent.into_inner() >= Rule::ALL.len(),
        "and one in which it does not"
    );
    assert!(count >= 2 * Rule::ALL.len());
}

#[test]
fn each_rule_has_its_file() {
    let folder =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dockerfile_check/rules");
    for rule in Rule::ALL {
        let path = folder.join(format!("{}.cases", rule.name()));
        let cases = std::fs::read_to_string(&path)
            .unwrap_or_else(|_| panic!("{} is missing", path.display()));
        assert!(
            cases.contains(&format!(" {}: ", rule.name())),
            "{}",
            rule.name()
        );
    }
}

fn read(text: &str) -> Dockerfile {
    dockerfile::parse(text).unwrap_or_else(|mistakes| panic!("{text}\n{mistakes:?}"))
}

fn ignore(name: &str) -> Option<Ignore> {
    let lines = options(name).find_map(|option| option.strip_prefix("ignore "))?;
    Some(Ignore::parse(&lines.replace(", ", "\n")).expect("the patterns are right"))
}

fn facts<'a>(name: &str, ignore: Option<&'a Ignore>) -> Facts<'a> {
    let mut facts = Facts {
        ignore,
        ..Facts::default()
    };
    for option in options(name) {
        if let Some(argument) = option.strip_prefix("argument ") {
            let (name, value) = argument.split_once('=').expect("NAME=value");
            facts.arguments.insert(name.to_owned(), value.to_owned());
        }
        if let Some(image) = option.strip_prefix("image ") {
            let (stage, pairs) = image.split_once(' ').expect("a stage and its variables");
            let pairs = pairs.split(' ').filter_map(|pair| pair.split_once('='));
            facts
                .images
                .insert(stage.parse().expect("a number"), pairs.collect());
        }
    }
    facts
}

fn options(name: &str) -> impl Iterator<Item = &str> {
    name.split(" | ").skip(1)
}

/// Each as `line:column "what it is about" rule: message`, then the help; and whether they fail the build.
fn draw(findings: &[CheckFinding], dockerfile: &Dockerfile, text: &str) -> String {
    let mut lines: Vec<String> = findings
        .iter()
        .map(|finding| {
            let before = &text[..finding.span.start];
            let line = before.matches('\n').count() + 1;
            let column = before.chars().rev().take_while(|&c| c != '\n').count() + 1;
            format!(
                "{line}:{column} {:?} {}: {}\n  help: {}\n",
                &text[finding.span.clone()],
                finding.rule.name(),
                finding.message,
                finding.help
            )
        })
        .collect();
    if Settings::of(dockerfile).error {
        lines.push("fails the build\n".to_owned());
    }
    lines.concat()
}

#[test]
fn the_reference_lists_all_rules_and_instructions() {
    let path =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/dockerfile.md");
    let page = std::fs::read_to_string(path).expect("the reference is there");
    for rule in Rule::ALL {
        let row = format!("| `{}` | ", rule.name());
        assert_eq!(page.matches(&row).count(), 1, "{}", rule.name());
    }
    for keyword in dockerfile::Keyword::ALL {
        assert!(
            page.contains(&format!("`{}`", keyword.name())),
            "{keyword:?}"
        );
    }
}
