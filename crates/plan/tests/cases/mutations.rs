//! Whatever is in a boatyard.toml, reading it ends with a project or with mistakes inside the text, and a project can be
//! planned.

use std::path::Path;

use boatyard_plan::{build, project, run};
use proptest::prelude::*;

/// Bits of the language, to be put anywhere.
const BITS: [&str; 24] = [
    "[",
    "]",
    "{",
    "}",
    "\"",
    "'''",
    "=",
    ",",
    ".",
    "\n",
    "#",
    "0",
    "-1",
    "true",
    "3.11",
    "1979-05-27",
    "[role.web]\n",
    "[service.app]\n",
    "after = [\"web\"]\n",
    "port = 8080\n",
    "\u{0}",
    "\\u0000",
    "ü",
    "[backing.redis]\n",
];

fn texts() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/project");
    let mut paths = Vec::new();
    for folder in ["good", "bad"].map(|name| folder.join(name)) {
        let entries = std::fs::read_dir(folder).expect("the folder of cases is there");
        paths.extend(entries.map(|entry| entry.expect("the folder of cases can be read").path()));
    }
    paths.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "toml")
    });
    paths.sort();
    paths
        .iter()
        .map(|path| std::fs::read_to_string(path).expect("a case is text"))
        .collect()
}

fn check(text: &str) -> Result<(), TestCaseError> {
    match project::parse(text) {
        Ok(project) => {
            let plan = build::plan(&project);
            let bytes = serde_json::to_vec(&plan).expect("a plan is JSON");
            let again = project::parse(text)
                .map(|project| serde_json::to_vec(&build::plan(&project)).expect("JSON"));
            prop_assert_eq!(again, Ok(bytes), "same text, same plan");
            prop_assert!(run::plan(&project, &[]).is_ok());
            prop_assert!(!build::render(&plan).is_empty());
        }
        Err(mistakes) => {
            prop_assert!(!mistakes.is_empty());
            for mistake in mistakes {
                prop_assert!(
                    text.get(mistake.span.clone()).is_some(),
                    "{:?} is not in the text",
                    mistake.span
                );
                prop_assert!(mistake.position(text) >= (1, 1));
                prop_assert!(!mistake.message.is_empty());
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn changed_files(
        text in proptest::sample::select(texts()),
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), 0_usize..12, 0..BITS.len()), 1..6),
    ) {
        let mut characters: Vec<char> = text.chars().collect();
        for (at, length, bit) in changes {
            let start = at.index(characters.len() + 1);
            let end = (start + length).min(characters.len());
            characters.splice(start..end, BITS[bit].chars());
        }
        check(&characters.into_iter().collect::<String>())?;
    }

    #[test]
    fn moved_lines(text in proptest::sample::select(texts()), order in proptest::collection::vec(any::<u8>(), 64)) {
        let mut lines: Vec<(u8, &str)> = order.iter().copied().cycle().zip(text.lines()).collect();
        lines.sort_by_key(|(key, _)| *key);
        let lines: Vec<&str> = lines.into_iter().map(|(_, line)| line).collect();
        check(&lines.join("\n"))?;
    }

    #[test]
    fn any_text(text in ".{0,200}") {
        check(&text)?;
    }
}
