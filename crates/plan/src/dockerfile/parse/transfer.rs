//! `COPY` and `ADD`: sources and a destination.

use super::head::Head;
use super::heredoc::announced;
use super::mistakes::{Mistakes, short};
use super::operand::{Form, form};
use super::words::plain;
use crate::dockerfile::Keyword;
use crate::dockerfile::model::{Heredoc, Word};

/// Reads sources and, last, the destination.
pub(super) fn read(
    head: &Head<'_>,
    keyword: Keyword,
    heredocs: &[Heredoc],
    mistakes: &mut Mistakes,
) -> Option<Vec<Word>> {
    let words = match form(&head.arguments, keyword, mistakes)? {
        Form::Exec(words) => words,
        Form::Shell(arguments) => plain(&arguments)
            .iter()
            .map(super::line::Part::word)
            .collect(),
    };
    let name = keyword.name();
    if words.len() < 2 {
        mistakes
            .add(
                head.arguments.span(),
                format!(
                    "{name} has no destination: it needs two arguments, found {}",
                    words.len()
                ),
            )
            .with_help(format!("write {name} SOURCE... DESTINATION"));
        return None;
    }
    let mut right = true;
    for (at, word) in words.iter().enumerate() {
        let last = at + 1 == words.len();
        if let Some((message, help)) = wrong(word, last, heredocs) {
            mistakes
                .add(word.span.clone(), format!("{name}: {message}"))
                .with_help(help);
            right = false;
        }
    }
    right.then_some(words)
}

/// What is wrong with a source or, if it is `last`, the destination.
fn wrong(word: &Word, last: bool, heredocs: &[Heredoc]) -> Option<(String, &'static str)> {
    if word.text.trim_start_matches(|c: char| c.is_ascii_digit()) == "<<" && !last {
        return Some((
            "a heredoc has no name".to_owned(),
            "write the name directly after <<, e.g. <<EOF",
        ));
    }
    let name = announced(&word.text).ok().flatten()?.name;
    if last {
        return Some((
            format!("the destination is the heredoc \"{}\"", short(&name)),
            "put the path where it goes at the end",
        ));
    }
    if heredocs.iter().any(|heredoc| heredoc.name == name) {
        return None;
    }
    Some((
        format!("the heredoc \"{}\" does not begin here", short(&name)),
        "heredocs are possible in the form without brackets only; close all quotes of the line",
    ))
}
