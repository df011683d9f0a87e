//! From text to tokens.

use std::iter::Peekable;
use std::str::Chars;

use super::walk::Name;

/// A pattern for whole paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    pub(super) tokens: Vec<Token>,
    /// What every match begins with.
    pub(super) literal: String,
    /// How many tokens those are.
    pub(super) literals: usize,
    /// What it says of names, if that is all that it says.
    pub(super) name: Option<Name>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// This character.
    Char(char),
    /// One character but `/`.
    One,
    /// Any characters but `/`.
    Many,
    /// One of the ranges, or none of them.
    Class(bool, Vec<(char, char)>),
    /// Nothing, or anything that ends in `/`.
    Folders,
    /// Anything.
    Rest,
}

/// The text is no pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a pattern: {reason}")]
pub struct BadPattern {
    /// What was given.
    pub text: String,
    /// Why not.
    pub reason: &'static str,
}

impl Pattern {
    /// Reads a pattern in which `**` crosses folders (`.dockerignore`, `--exclude`). `text` is cleaned already.
    ///
    /// # Errors
    /// If brackets are not closed, are empty or have half a range in them, or nothing follows a backslash.
    pub fn crossing(text: &str) -> Result<Self, BadPattern> {
        Self::parse(text, true)
    }

    /// Reads a pattern in which `**` is `*` (sources of `COPY`).
    ///
    /// # Errors
    /// As [`Pattern::crossing`].
    pub fn within(text: &str) -> Result<Self, BadPattern> {
        Self::parse(text, false)
    }

    /// Whether `text` has anything in it that means something in a pattern.
    pub fn is_in(text: &str) -> bool {
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            match c {
                '*' | '?' | '[' => return true,
                '\\' => {
                    chars.next();
                }
                _ => {}
            }
        }
        false
    }

    fn parse(text: &str, crossing: bool) -> Result<Self, BadPattern> {
        let bad = |reason| BadPattern {
            text: text.to_owned(),
            reason,
        };
        let mut chars = text.chars().peekable();
        let mut tokens = Vec::new();
        while let Some(c) = chars.next() {
            tokens.push(match c {
                '*' if crossing && chars.next_if_eq(&'*').is_some() => {
                    chars.next_if_eq(&'/');
                    if chars.peek().is_none() {
                        Token::Rest
                    } else {
                        Token::Folders
                    }
                }
                '*' => Token::Many,
                '?' => Token::One,
                '[' => class(&mut chars).map_err(bad)?,
                '\\' => Token::Char(chars.next().ok_or(bad("nothing follows the backslash"))?),
                c => Token::Char(c),
            });
        }
        // `**x`, if nothing else in it is special, is every path that ends in x. moby/patternmatcher takes it so.
        if crossing
            && let Some(rest) = text.strip_prefix("**")
            && !rest.starts_with('/')
            && !rest.contains(['*', '?', '[', ']', '\\'])
        {
            tokens[0] = Token::Rest;
        }
        let literal: String = tokens
            .iter()
            .map_while(|token| match token {
                Token::Char(c) => Some(*c),
                _ => None,
            })
            .collect();
        Ok(Self {
            literals: literal.chars().count(),
            literal,
            name: Name::of(&tokens),
            tokens,
        })
    }
}

/// What follows a `[`.
fn class(chars: &mut Peekable<Chars<'_>>) -> Result<Token, &'static str> {
    let negated = chars.next_if_eq(&'^').is_some();
    let mut ranges = Vec::new();
    loop {
        if !ranges.is_empty() && chars.next_if_eq(&']').is_some() {
            return Ok(Token::Class(negated, ranges));
        }
        let low = bound(chars)?;
        let high = match chars.next_if_eq(&'-') {
            Some(_) => bound(chars)?,
            None => low,
        };
        ranges.push((low, high));
    }
}

/// One character in brackets.
fn bound(chars: &mut Peekable<Chars<'_>>) -> Result<char, &'static str> {
    const OPEN: &str = "[ is not closed";
    match chars.next() {
        None => Err(OPEN),
        Some('-') => Err("a range in [] lacks one of its ends; write \\- for the character itself"),
        Some(']') => Err("[] has nothing in it; write \\] for the character itself"),
        Some('\\') => chars.next().ok_or(OPEN),
        Some(c) => Ok(c),
    }
}
