//! The pages in docs/reference/rules agree with the rules and their cases. `UPDATE=1` writes them.

#![expect(
    clippy::disallowed_methods,
    reason = "tests read the cases that lie beside them"
)]

mod case;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use boatyard_harden::page::{Example, page};
use boatyard_harden::rule::{ALL, Rule};
use case::Case;

fn example(files: &BTreeMap<String, String>) -> Option<Example> {
    (!files.is_empty()).then(|| Example {
        files: files
            .iter()
            .map(|(path, text)| (path.clone(), text.clone()))
            .collect(),
    })
}

fn read(rule: &Rule, name: &str) -> Option<Case> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/rules/{}/{name}.case", rule.id));
    Some(Case::read(&std::fs::read_to_string(path).ok()?))
}

fn agree(path: &Path, text: &str) {
    if case::is_update() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        return;
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        written == text,
        "{} is not what the rule says: UPDATE=1 cargo test -p boatyard-harden --test pages",
        path.display()
    );
}

#[test]
fn pages_are_what_rules_say() {
    let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/rules");
    let mut index = String::from(
        "# The rules\n\nWhat [`boatyard check`](../check.md) looks for. `--fix`: *safe* is done by `--fix`, *proposed* by `--fix --unsafe`.\n\n\
         | rule | severity | what is wrong | `--fix` |\n|---|---|---|---|\n",
    );
    for rule in ALL {
        let bad = read(rule, "bad");
        let good = read(rule, "good");
        let text = page(
            rule,
            bad.as_ref().and_then(|case| example(&case.files)).as_ref(),
            good.as_ref().and_then(|case| example(&case.files)).as_ref(),
            bad.as_ref().and_then(|case| example(&case.fixed)).as_ref(),
        );
        agree(&folder.join(format!("{}.md", rule.id)), &text);
        let _ = writeln!(
            index,
            "| [{0}]({0}.md) | {1} | {2} | {3} |",
            rule.id,
            rule.severity.name(),
            rule.title,
            rule.fix.word()
        );
    }
    agree(&folder.join("README.md"), &index);
}
