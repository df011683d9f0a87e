//! Whatever is in a Dockerfile, reading it ends with stages or with mistakes, and all places are places in the text.

use std::ops::Range;

use boatyard_plan::dockerfile::{self, Instruction, Kind, Word};
use proptest::prelude::*;

use crate::case;

/// Bits of the language, to be put anywhere.
const BITS: [&str; 44] = [
    "\\\n",
    "\\",
    "`",
    "\n",
    "\r\n",
    "\t",
    " ",
    "\u{feff}",
    "\u{a0}",
    "\u{85}",
    "#",
    "# escape=`\n",
    "\"",
    "'",
    "[",
    "]",
    ",",
    "[\"",
    "\"]",
    "{",
    "}",
    "${",
    "${a:-",
    "$a",
    "$",
    "<<",
    "<<EOF",
    "<<-'E'",
    "\nEOF\n",
    "=",
    "--",
    "--from=x ",
    "--mount=type=bind ",
    "FROM a AS b\n",
    "RUN ",
    "COPY ",
    "ENV ",
    "ONBUILD ",
    "HEALTHCHECK CMD ",
    "SHELL ",
    "ARG ",
    "\u{0}",
    "\u{fc}",
    "\u{1f600}",
];

fn texts() -> Vec<String> {
    let cases = ["good", "bad"].map(case::all);
    cases.iter().flatten().map(case::Case::text).collect()
}

fn inside(span: &Range<usize>, text: &str) -> Result<(), TestCaseError> {
    prop_assert!(
        text.get(span.clone()).is_some(),
        "{span:?} is not in the text"
    );
    Ok(())
}

fn instruction(instruction: &Instruction, text: &str) -> Result<(), TestCaseError> {
    inside(&instruction.span, text)?;
    let mut places = vec![instruction.keyword.span.clone()];
    for flag in &instruction.flags {
        places.push(flag.span.clone());
        places.extend(flag.value.iter().map(|value| value.span.clone()));
    }
    places.extend(
        instruction
            .heredocs
            .iter()
            .map(|heredoc| heredoc.span.clone()),
    );
    let words = |words: &[Word]| {
        words
            .iter()
            .map(|word| word.span.clone())
            .collect::<Vec<_>>()
    };
    match &instruction.kind {
        Kind::Copy(list) | Kind::Add(list) | Kind::Expose(list) | Kind::Volume(list) => {
            places.extend(words(list));
        }
        Kind::Env(pairs) | Kind::Arg(pairs) | Kind::Label(pairs) => {
            for pair in pairs {
                places.push(pair.name.span.clone());
                places.extend(pair.value.iter().map(|value| value.span.clone()));
            }
        }
        Kind::User(word) | Kind::Workdir(word) => places.push(word.span.clone()),
        Kind::OnBuild(inner) => {
            prop_assert!(!matches!(
                inner.kind,
                Kind::OnBuild(_) | Kind::From | Kind::Maintainer(_)
            ));
            self::instruction(inner, text)?;
        }
        _ => {}
    }
    for place in places {
        inside(&place, text)?;
        let all = &instruction.span;
        prop_assert!(
            all.start <= place.start && place.end <= all.end,
            "{place:?} is not in {all:?}"
        );
    }
    Ok(())
}

fn check(text: &str) -> Result<(), TestCaseError> {
    match dockerfile::parse(text) {
        Ok(dockerfile) => {
            prop_assert!(!dockerfile.stages.is_empty());
            for argument in &dockerfile.arguments {
                instruction(argument, text)?;
            }
            for stage in &dockerfile.stages {
                instruction(&stage.from, text)?;
                inside(&stage.image.span, text)?;
                for one in &stage.instructions {
                    instruction(one, text)?;
                }
            }
        }
        Err(mistakes) => {
            prop_assert!(!mistakes.is_empty());
            for mistake in mistakes {
                inside(&mistake.span, text)?;
                prop_assert!(mistake.position(text) >= (1, 1));
                prop_assert!(!mistake.message.is_empty());
                prop_assert!(mistake.help.is_some(), "{}", mistake.message);
            }
        }
    }
    Ok(())
}

/// More of them with `PROPTEST_CASES`: `just fuzz-dockerfile`.
fn config() -> ProptestConfig {
    let given = ProptestConfig::default();
    ProptestConfig {
        cases: given.cases.max(4_000),
        failure_persistence: None,
        ..given
    }
}

proptest! {
    #![proptest_config(config())]

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
    fn files_made_of_bits(bits in proptest::collection::vec(0..BITS.len(), 0..40)) {
        let text: String = bits.into_iter().map(|bit| BITS[bit]).collect();
        check(&text)?;
        check(&format!("FROM a\n{text}"))?;
    }

    #[test]
    fn files_cut_off(text in proptest::sample::select(texts()), at in any::<proptest::sample::Index>()) {
        let characters: Vec<char> = text.chars().collect();
        let end = at.index(characters.len() + 1);
        check(&characters[..end].iter().collect::<String>())?;
    }

    #[test]
    fn any_text(text in "(?s).{0,200}") {
        check(&text)?;
    }
}
