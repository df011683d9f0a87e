//! The ways a word is expanded.

use std::ops::Range;

use super::lexer::{Lexer, Quotes};
use super::mistake::Mistake;

/// Says what a variable holds; `None` if it is not set.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Expands `text` into one word: variables filled in, quotes and `escape` characters gone, white space kept.
///
/// # Errors
/// If a quote or brace is not closed, a substitution is unknown, or a variable is demanded that is not set.
pub fn word(text: &str, escape: char, lookup: Lookup<'_>) -> Result<String, Mistake> {
    Lexer::new(text, escape, lookup).all(None)
}

/// Expands `text` and splits it at white space that is not quoted; that of a variable splits too. No word is empty.
///
/// # Errors
/// As [`word`].
pub fn words(text: &str, escape: char, lookup: Lookup<'_>) -> Result<Vec<String>, Mistake> {
    let mut split = super::lexer::Split::default();
    Lexer::new(text, escape, lookup).all(Some(&mut split))?;
    Ok(split.finish())
}

/// Expands a heredoc: quotes mean nothing, the escape character is always a backslash, which goes.
///
/// # Errors
/// As [`word`].
pub fn document(text: &str, lookup: Lookup<'_>) -> Result<String, Mistake> {
    let mut lexer = Lexer::new(text, '\\', lookup);
    lexer.quotes = Quotes::Ordinary;
    lexer.all(None)
}

/// Expands `text` to be read by people: quotes stay, and so do variables that are not set.
///
/// # Errors
/// As [`word`].
pub fn shown(text: &str, escape: char, lookup: Lookup<'_>) -> Result<String, Mistake> {
    let mut lexer = Lexer::new(text, escape, lookup);
    lexer.quotes = Quotes::Keep;
    lexer.keep_unset = true;
    lexer.all(None)
}

/// The variables that `text` names, each with the bytes of its name, in order; those in single quotes and escaped ones are
/// none. Where the text cannot be expanded, those before the mistake.
pub fn names(text: &str, escape: char) -> Vec<(String, Range<usize>)> {
    let mut lexer = Lexer::new(text, escape, &|_| None);
    lexer.lenient = true;
    // A mistake is reported where the word is expanded.
    let _ = lexer.all(None);
    lexer.names
}
