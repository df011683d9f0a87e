//! `NAME=value` lists: `ENV`, `LABEL`, `ARG`.

use super::line::Part;
use super::mistakes::{Mistakes, short};
use super::words::{is_blank, quoted};
use crate::dockerfile::Keyword;
use crate::dockerfile::model::Pair;

/// Reads the pairs of `ENV` and `LABEL`: `NAME=value ...`, or in the old way `NAME value`, where the value is all the rest.
pub(super) fn assigned(
    arguments: &Part<'_>,
    keyword: Keyword,
    escape: char,
    mistakes: &mut Mistakes,
) -> Option<Vec<Pair>> {
    let words = quoted(arguments, escape);
    if words.first().is_some_and(|word| !word.text().contains('=')) {
        return legacy(arguments, keyword, mistakes).map(|pair| vec![pair]);
    }
    let mut pairs = Vec::new();
    let mut right = true;
    for word in &words {
        let pair = pair(word, keyword, mistakes);
        if pair.as_ref().is_some_and(|pair| pair.value.is_none()) {
            mistakes
                .add(
                    word.span(),
                    format!("\"{}\" is not NAME=value", short(word.text())),
                )
                .with_help(format!(
                    "if it belongs to the value before it, quote that: {} NAME=\"two words\"",
                    keyword.name()
                ));
            right = false;
        }
        right &= pair.is_some();
        pairs.extend(pair);
    }
    right.then_some(pairs)
}

/// Reads the pairs of `ARG`: `NAME` or `NAME=value`.
pub(super) fn declared(
    arguments: &Part<'_>,
    escape: char,
    mistakes: &mut Mistakes,
) -> Option<Vec<Pair>> {
    quoted(arguments, escape)
        .iter()
        .map(|word| pair(word, Keyword::Arg, mistakes))
        .collect()
}

fn pair(word: &Part<'_>, keyword: Keyword, mistakes: &mut Mistakes) -> Option<Pair> {
    let Some(end) = word.text().find('=') else {
        return Some(Pair {
            name: word.word(),
            value: None,
        });
    };
    if end == 0 {
        let name = keyword.name();
        mistakes
            .add(word.span(), format!("{name} has no name before \"=\""))
            .with_help(format!(
                "write {name} NAME=value, without white space before \"=\""
            ));
        return None;
    }
    Some(Pair {
        name: word.sub(0..end).word(),
        value: Some(word.from(end + 1).word()),
    })
}

fn legacy(arguments: &Part<'_>, keyword: Keyword, mistakes: &mut Mistakes) -> Option<Pair> {
    let text = arguments.text();
    let Some(end) = text.find(is_blank) else {
        let name = keyword.name();
        mistakes
            .add(
                arguments.span(),
                format!("{name} \"{}\" has no value", short(text)),
            )
            .with_help(format!(
                "write {name} {0}=VALUE, or {name} {0}= for an empty one",
                short(text)
            ));
        return None;
    };
    let value = arguments.from(end);
    let blanks = value.text().len() - value.text().trim_start_matches(is_blank).len();
    Some(Pair {
        name: arguments.sub(0..end).word(),
        value: Some(value.from(blanks).word()),
    })
}
