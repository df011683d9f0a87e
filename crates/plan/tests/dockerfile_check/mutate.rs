//! Whatever can be read can be checked; places are in the text, and what is skipped is not found.

use boatyard_plan::dockerfile::check::{Facts, Rule, check};
use boatyard_plan::dockerfile::{self, ignore::Ignore};
use proptest::prelude::*;

use crate::case;

/// Bits of the language, to be put anywhere.
const BITS: [&str; 24] = [
    "\\\n",
    "\n\n",
    " ",
    "#",
    "\n# check=skip=all\n",
    "\"",
    "'",
    "$",
    "${a:-b}",
    "$a",
    "<<E",
    "\nE\n",
    "=",
    "A",
    "b",
    "/",
    ":",
    "--platform=$b ",
    "\nFROM a AS B\n",
    "\ncopy a b\n",
    "\nARG a_key\n",
    "\nONBUILD RUN a \\\n\n b\n",
    "\nEXPOSE 1:2/TCP\n",
    "\u{fc}",
];

/// More of them with `PROPTEST_CASES`: `just fuzz-dockerfile`.
fn config() -> ProptestConfig {
    let given = ProptestConfig::default();
    ProptestConfig {
        cases: given.cases.max(3_000),
        failure_persistence: None,
        ..given
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn changed_files(
        text in proptest::sample::select(texts()),
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), 0_usize..8, 0..BITS.len()), 1..5),
    ) {
        let mut characters: Vec<char> = text.chars().collect();
        for (at, length, bit) in changes {
            let start = at.index(characters.len() + 1);
            let end = (start + length).min(characters.len());
            characters.splice(start..end, BITS[bit].chars());
        }
        let text: String = characters.into_iter().collect();
        let Ok(mut dockerfile) = dockerfile::parse(&text) else {
            return Ok(());
        };
        let ignore = Ignore::parse("a\n*").expect("the patterns are right");
        let facts = Facts { ignore: Some(&ignore), ..Facts::default() };
        let mut before = 0;
        for finding in check(&dockerfile, &text, &facts) {
            prop_assert!(text.get(finding.span.clone()).is_some(), "{:?} is not in the text", finding.span);
            prop_assert!(finding.span.start >= before, "findings are in the order of the text");
            before = finding.span.start;
            prop_assert!(!finding.help.is_empty());
        }
        if let Some(check) = &mut dockerfile.directives.check {
            "skip=all".clone_into(&mut check.text);
            // Comments further down may still ask for those that are off.
            let left = super::check(&dockerfile, &text, &facts);
            prop_assert!(left.iter().all(|finding| finding.rule.is_experimental()), "{:?}", left);
        }
    }
}

fn texts() -> Vec<String> {
    let cases = [crate::RULES, "good"].map(case::all);
    let texts = cases.iter().flatten().map(case::Case::text);
    // Half of them can be told to skip all.
    texts
        .flat_map(|text| {
            let told = format!("# check=experimental=all\n{text}");
            [text, told]
        })
        .collect()
}

#[test]
fn names_are_what_the_directive_takes() {
    for rule in Rule::ALL {
        let settings = dockerfile::check::Settings::read(&format!("skip={}", rule.name()));
        assert_eq!(
            settings.map(|settings| settings.wants(rule)),
            Ok(false),
            "{rule:?}"
        );
    }
}
