//! `CopyIgnoredFile`.

use super::facts::Facts;
use super::finding::Report;
use super::rule::Rule;
use super::scope::Scope;
use crate::dockerfile::{Instruction, Word, path};

/// Checks the sources of `COPY` and `ADD` that are in the context. With exceptions in .dockerignore nothing is sure.
pub(super) fn check(
    instruction: &Instruction,
    words: &[Word],
    scope: &Scope,
    (facts, escape): (&Facts<'_>, char),
    report: &mut Report,
) {
    let Some(ignore) = facts.ignore else { return };
    let elsewhere = instruction.flags.iter().any(|flag| flag.name == "from");
    if elsewhere || ignore.has_exceptions() {
        return;
    }
    let sources = words.split_last().map_or(&[][..], |(_, sources)| sources);
    for source in sources {
        if instruction.heredoc(source).is_some() {
            continue;
        }
        let Some(said) = scope.expand(&source.text, escape) else {
            continue;
        };
        if said.contains("://") || said.starts_with("git@") {
            continue;
        }
        let path = path::clean(&said);
        let path = path.trim_start_matches('/');
        let gone = match path {
            "" | "." => ignore.takes_all(),
            path => ignore.ignored(path),
        };
        if gone {
            report.add(
                Rule::CopyIgnoredFile,
                source.span.clone(),
                format!(
                    "{} of \"{}\", which .dockerignore keeps out of the build",
                    instruction.keyword.text, said
                ),
                "change .dockerignore, or remove the source",
            );
        }
    }
}
