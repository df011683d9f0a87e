//! Which variables without quotes fall apart at blanks, and which cannot or are meant to.

use super::command::all;
use crate::shell::{Script, Simple, Variable, Word};

/// Ends of names of variables that are meant to be several words.
const LISTS: [&str; 6] = ["ARGS", "OPTS", "OPTIONS", "FLAGS", "PARAMS", "CMD"];

/// Variables without quotes that may hold blanks, or characters that become the names of files.
pub(super) fn falls_apart(script: &Script) -> Vec<&Variable> {
    let commands = all(script);
    let words = commands.iter().filter(|simple| {
        // A test of one word asks whether it is empty.
        simple.program() != Some("[") || simple.words.len() >= 3
    });
    words
        .flat_map(|simple| simple.words.iter().skip(1))
        .flat_map(|word| &word.variables)
        .filter(|variable| !variable.quoted && !is_special(&variable.name))
        .filter(|variable| {
            let name = variable.name.to_ascii_uppercase();
            !LISTS.iter().any(|end| name.ends_with(end))
        })
        .filter(|variable| !is_one_word(variable, &commands))
        .collect()
}

/// `$#`, `$?` and the like, which are numbers, and `$@` and `$*`, which are many.
fn is_special(name: &str) -> bool {
    let is_ordinary =
        |byte: u8| byte.is_ascii_alphabetic() || byte == b'_' || byte.is_ascii_digit();
    !name.bytes().any(is_ordinary)
}

/// Whether what is written there can be no more than one word, whatever the environment says.
fn is_one_word(variable: &Variable, commands: &[&Simple]) -> bool {
    if let Some(instead) = variable.rest.strip_prefix('+') {
        return is_plain(instead);
    }
    if !variable.rest.is_empty() {
        return false;
    }
    let mut set = commands.iter().flat_map(|simple| {
        simple
            .assignments
            .iter()
            .filter(|one| one.name == variable.name)
    });
    // Who reads it into a variable, or gets it from outside, may get anything.
    let is_set_otherwise = commands.iter().any(|simple| {
        let mut words = simple.words.iter().filter_map(|word| word.text.as_deref());
        matches!(
            simple.program(),
            Some("read" | "getopts" | "mapfile" | "printf" | "export" | "local" | "declare")
        ) && words.any(|word| word.split('=').next() == Some(variable.name.as_str()))
    });
    let Some(first) = set.next() else {
        return false;
    };
    !is_set_otherwise
        && std::iter::once(first)
            .chain(set)
            .all(|one| is_number(&one.value))
}

/// `$!`, `$$`, `$?`, `$#`, or a word without blanks.
fn is_number(value: &Word) -> bool {
    match value.text.as_deref() {
        Some(text) => is_plain(text),
        None => matches!(value.raw.trim_matches('"'), "$!" | "$$" | "$?" | "$#"),
    }
}

fn is_plain(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@%,=".contains(c);
    text.chars().all(is_plain)
}
