//! From a line to words.

use std::iter::Peekable;
use std::str::Chars;

use super::outside::Outside;
use super::reserved;
use super::word::{Alternative, Operator, Piece};

/// How deep `${A:-${B:-...}}` may go: a contract may hold anything, and init may not run out of stack.
const DEPTH: usize = 16;

/// Parses the words of one simple command.
pub fn words(line: &str) -> Result<Vec<Vec<Piece>>, Outside> {
    let mut parser = Parser::new(line);
    let mut words: Vec<Vec<Piece>> = Vec::new();
    loop {
        let newline = parser.skip_blanks();
        match parser.rest.peek() {
            None => return Ok(words),
            Some(_) if newline && !words.is_empty() => {
                return Err(Outside::Operator { operator: '\n' });
            }
            Some('#') => return Err(Outside::Comment),
            Some(_) => {
                let word = parser.word(words.is_empty())?;
                words.push(word);
            }
        }
    }
}

/// Reads a text character by character.
pub(super) struct Parser<'a> {
    /// What is not read yet.
    pub(super) rest: Peekable<Chars<'a>>,
    depth: usize,
}

/// Where the parser stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In a word of the line.
    Line,
    /// In the word of a `${}` outside quotes.
    Braces,
}

impl<'a> Parser<'a> {
    /// Begins to read.
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            rest: text.chars().peekable(),
            depth: 0,
        }
    }

    /// Whether there was a newline among the blanks.
    fn skip_blanks(&mut self) -> bool {
        let mut newline = false;
        loop {
            if let Some(blank) = self.rest.next_if(|c| [' ', '\t', '\n'].contains(c)) {
                newline |= blank == '\n';
            } else if self.continues() {
                self.rest.next();
                self.rest.next();
            } else {
                return newline;
            }
        }
    }

    /// Whether the line is continued here: a backslash and a newline, which count as nothing.
    pub(super) fn continues(&self) -> bool {
        let mut ahead = self.rest.clone();
        ahead.next() == Some('\\') && ahead.next() == Some('\n')
    }

    fn word(&mut self, is_first: bool) -> Result<Vec<Piece>, Outside> {
        let mut pieces = Vec::new();
        while let Some(&next) = self.rest.peek() {
            if [' ', '\t', '\n'].contains(&next) {
                break;
            }
            if is_first && next == '=' && is_assigned_name(&pieces) {
                return Err(Outside::Assignment);
            }
            self.unquoted(Place::Line, &mut pieces)?;
        }
        if is_first
            && let [
                Piece::Text {
                    text,
                    quoted: false,
                },
            ] = pieces.as_slice()
            && reserved::is_word(text)
        {
            return Err(Outside::ReservedWord { word: text.clone() });
        }
        Ok(pieces)
    }

    /// Takes one unquoted character, or what it begins.
    pub(super) fn unquoted(
        &mut self,
        place: Place,
        pieces: &mut Vec<Piece>,
    ) -> Result<(), Outside> {
        match self.rest.next().ok_or(Outside::Unfinished)? {
            '\'' => {
                let mut text = String::new();
                loop {
                    match self.rest.next().ok_or(Outside::Unfinished)? {
                        '\'' => break,
                        other => text.push(other),
                    }
                }
                push(pieces, &text, true);
            }
            '"' => self.double_quoted(pieces)?,
            '\\' => match self.rest.next().ok_or(Outside::Unfinished)? {
                '\n' => {}
                other => push(pieces, other.encode_utf8(&mut [0; 4]), true),
            },
            '$' => self.dollar(false, pieces)?,
            '`' => return Err(Outside::Substitution),
            '~' => return Err(Outside::Tilde),
            '{' | '}' => return Err(Outside::Brace),
            operator @ (';' | '&' | '|' | '<' | '>' | '(' | ')') => {
                return Err(Outside::Operator { operator });
            }
            character @ ('*' | '?' | '[') => return Err(Outside::Pattern { character }),
            // Blanks reach here only in braces, where they are text that is split later.
            '\0' | '\r' if place == Place::Line => {
                return Err(Outside::Operator { operator: '\r' });
            }
            other => push(pieces, other.encode_utf8(&mut [0; 4]), false),
        }
        Ok(())
    }

    /// After the opening quote.
    fn double_quoted(&mut self, pieces: &mut Vec<Piece>) -> Result<(), Outside> {
        // The quotes make a field even if there is nothing between them.
        push(pieces, "", true);
        loop {
            match self.rest.next().ok_or(Outside::Unfinished)? {
                '"' => return Ok(()),
                other => self.in_double_quotes(other, false, pieces)?,
            }
        }
    }

    /// A character inside double quotes, and there perhaps inside `${}`.
    fn in_double_quotes(
        &mut self,
        character: char,
        in_braces: bool,
        pieces: &mut Vec<Piece>,
    ) -> Result<(), Outside> {
        match character {
            '\\' => match self.rest.next().ok_or(Outside::Unfinished)? {
                '\n' => {}
                other @ ('$' | '`' | '"' | '\\') => {
                    push(pieces, other.encode_utf8(&mut [0; 4]), true);
                }
                // Shells do not agree on a backslash before anything else there.
                _ if in_braces => return Err(Outside::Expansion),
                other => {
                    push(pieces, "\\", true);
                    push(pieces, other.encode_utf8(&mut [0; 4]), true);
                }
            },
            '$' => self.dollar(true, pieces)?,
            '`' => return Err(Outside::Substitution),
            other => push(pieces, other.encode_utf8(&mut [0; 4]), true),
        }
        Ok(())
    }

    /// After a dollar sign.
    fn dollar(&mut self, quoted: bool, pieces: &mut Vec<Piece>) -> Result<(), Outside> {
        match self.rest.peek().copied() {
            Some('{') => {
                self.rest.next();
                self.depth += 1;
                if self.depth > DEPTH {
                    return Err(Outside::TooDeep);
                }
                let piece = self.braced(quoted)?;
                self.depth -= 1;
                pieces.push(piece);
            }
            Some(first) if is_name_start(first) => {
                let name = self.name()?;
                if self.continues() {
                    return Err(Outside::Expansion);
                }
                pieces.push(Piece::Variable {
                    name,
                    quoted,
                    alternative: None,
                });
            }
            Some('\\') if self.continues() => return Err(Outside::Expansion),
            Some('(') => return Err(Outside::Substitution),
            Some(character @ ('0'..='9' | '@' | '*' | '#' | '?' | '$' | '!' | '-' | '[')) => {
                return Err(Outside::Special { character });
            }
            Some(character @ ('\'' | '"')) if !quoted => {
                return Err(Outside::Special { character });
            }
            _ if quoted => push(pieces, "$", true),
            // bash does not split a value that such a dollar sign follows, dash does.
            _ => return Err(Outside::Special { character: ' ' }),
        }
        Ok(())
    }

    fn name(&mut self) -> Result<String, Outside> {
        let mut name = String::new();
        while let Some(next) = self
            .rest
            .next_if(|&c| is_name_start(c) || (!name.is_empty() && c.is_ascii_digit()))
        {
            name.push(next);
        }
        if name.is_empty() {
            return Err(Outside::Expansion);
        }
        if reserved::is_shell_variable(&name) {
            return Err(Outside::ShellVariable { name });
        }
        Ok(name)
    }

    /// After `${`.
    fn braced(&mut self, quoted: bool) -> Result<Piece, Outside> {
        let name = self.name()?;
        let or_empty = self.rest.next_if_eq(&':').is_some();
        let operator = match self.rest.next().ok_or(Outside::Unfinished)? {
            '}' if !or_empty => {
                return Ok(Piece::Variable {
                    name,
                    quoted,
                    alternative: None,
                });
            }
            '-' => Operator::Default,
            '+' => Operator::Replacement,
            '?' => Operator::Required,
            _ => return Err(Outside::Expansion),
        };
        let mut word = Vec::new();
        while self.rest.next_if_eq(&'}').is_none() {
            if !quoted {
                self.unquoted(Place::Braces, &mut word)?;
                continue;
            }
            match self.rest.next().ok_or(Outside::Unfinished)? {
                // Shells do not agree on quotes inside quotes.
                '"' | '\'' | '{' => return Err(Outside::Expansion),
                other => self.in_double_quotes(other, true, &mut word)?,
            }
        }
        Ok(Piece::Variable {
            name,
            quoted,
            alternative: Some(Alternative {
                operator,
                or_empty,
                word,
            }),
        })
    }
}

pub(super) fn is_name_start(c: char) -> bool {
    c == '_' || c.is_ascii_alphabetic()
}

/// Whether these pieces, before a `=`, are a name (or a name and the `+` of `+=`).
fn is_assigned_name(pieces: &[Piece]) -> bool {
    let [
        Piece::Text {
            text,
            quoted: false,
        },
    ] = pieces
    else {
        return false;
    };
    let name = text.strip_suffix('+').unwrap_or(text);
    name.starts_with(is_name_start) && name.chars().all(|c| is_name_start(c) || c.is_ascii_digit())
}

/// Appends text to the last piece if that is of the same kind.
fn push(pieces: &mut Vec<Piece>, more: &str, is_quoted: bool) {
    match pieces.last_mut() {
        Some(Piece::Text { text, quoted }) if *quoted == is_quoted => text.push_str(more),
        _ => pieces.push(Piece::Text {
            text: more.to_owned(),
            quoted: is_quoted,
        }),
    }
}
