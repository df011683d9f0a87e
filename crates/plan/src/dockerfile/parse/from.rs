//! `FROM`: where a stage begins.

use super::line::Part;
use super::mistakes::{Mistakes, short};
use super::words::plain;
use crate::dockerfile::model::Word;

/// The arguments of a `FROM`.
#[derive(Debug)]
pub(super) struct From {
    /// What it starts from.
    pub image: Word,
    /// What it is called.
    pub name: Option<Word>,
}

/// Reads `IMAGE [AS NAME]`.
pub(super) fn read(arguments: &Part<'_>, mistakes: &mut Mistakes) -> Option<From> {
    let words = plain(arguments);
    match words.as_slice() {
        [] => {
            mistakes
                .add(arguments.span(), "FROM has no image")
                .with_help("write FROM IMAGE, or FROM scratch for an empty one");
            None
        }
        [image] => Some(From {
            image: image.word(),
            name: None,
        }),
        [image, word, name] if word.text().eq_ignore_ascii_case("as") => {
            check(name, mistakes);
            Some(From {
                image: image.word(),
                name: Some(name.word()),
            })
        }
        [_, second, ..] => {
            let help = if second.text().starts_with('#') {
                "a comment has a line of its own"
            } else if second.text().eq_ignore_ascii_case("as") {
                "write FROM IMAGE AS NAME"
            } else {
                "expected nothing more, or AS and a name"
            };
            mistakes
                .add(
                    second.span().start..arguments.span().end,
                    format!("FROM takes one or three arguments, found {}", words.len()),
                )
                .with_help(help);
            None
        }
    }
}

fn check(name: &Part<'_>, mistakes: &mut Mistakes) {
    let text = name.text().to_lowercase();
    let rest = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c);
    if !text.starts_with(|c: char| c.is_ascii_lowercase()) || !text.chars().all(rest) {
        mistakes
            .add(
                name.span(),
                format!("\"{}\" is no name for a stage", short(name.text())),
            )
            .with_help(
                "begin with a letter and go on with letters, digits, \"-\", \"_\" and \".\"",
            );
    }
}
