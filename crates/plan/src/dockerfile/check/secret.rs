//! `SecretsUsedInArgOrEnv`.

use super::finding::Report;
use super::rule::Rule;
use crate::dockerfile::Pair;

/// Words in names of secrets.
const SECRET: [&str; 10] = [
    "apikey",
    "auth",
    "credential",
    "credentials",
    "key",
    "password",
    "pword",
    "passwd",
    "secret",
    "token",
];

/// Words in names of what only sounds like a secret.
const HARMLESS: [&str; 3] = ["public", "file", "version"];

/// Whether a variable of that name looks like a secret.
pub(crate) fn is_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    let has = |words: &[&str]| name.split('_').any(|part| words.contains(&part));
    has(&SECRET) && !has(&HARMLESS)
}

/// Checks a name that `instruction` sets.
pub(super) fn check(instruction: &str, pair: &Pair, report: &mut Report) {
    if is_secret(&pair.name.text) {
        report.add(
            Rule::SecretsUsedInArgOrEnv,
            pair.name.span.clone(),
            format!(
                "{instruction} {} looks like a secret: whoever has the image can read it",
                pair.name.text
            ),
            "show it to the one command that needs it: RUN --mount=type=secret,id=...",
        );
    }
}
