//! Reads a word from left to right.

use std::ops::Range;

use super::mistake::{Mistake, Problem};
use super::word::Lookup;

/// Substitutions within substitutions. Nobody writes three.
const DEPTH: usize = 100;
/// Bytes of a result: what a kernel takes as arguments and environment together is less.
pub(super) const LENGTH: usize = 16 << 20;

/// What quotes do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quotes {
    /// They quote, and go.
    Remove,
    /// They quote, and stay.
    Keep,
    /// They are characters like others.
    Ordinary,
}

/// A reader of one text.
pub(super) struct Lexer<'t> {
    text: &'t str,
    /// Bytes read.
    pub at: usize,
    escape: char,
    lookup: Lookup<'t>,
    pub quotes: Quotes,
    /// Whether what names unset variables stays as it is written.
    pub keep_unset: bool,
    /// Whether demanded variables and patterns are let pass: only names are wanted.
    pub lenient: bool,
    /// Variables met, with the bytes of their names.
    pub names: Vec<(String, Range<usize>)>,
    /// Whether escape characters stay: within patterns.
    raw: bool,
    depth: usize,
    produced: usize,
}

impl<'t> Lexer<'t> {
    pub fn new(text: &'t str, escape: char, lookup: Lookup<'t>) -> Self {
        Self {
            text,
            at: 0,
            escape,
            lookup,
            quotes: Quotes::Remove,
            keep_unset: false,
            lenient: false,
            names: Vec::new(),
            raw: false,
            depth: 0,
            produced: 0,
        }
    }

    /// All of the text.
    pub fn all(&mut self, split: Option<&mut Split>) -> Result<String, Mistake> {
        self.until(None, split)
    }

    /// What stands before `stop`, which is read too. `raw`: escape characters stay.
    pub fn part(&mut self, stop: char, raw: bool) -> Result<String, Mistake> {
        if self.depth == DEPTH {
            return Err(self.mistake(self.at, Problem::Deep { limit: DEPTH }));
        }
        let before = std::mem::replace(&mut self.raw, raw);
        self.depth += 1;
        let part = self.until(Some(stop), None);
        self.depth -= 1;
        self.raw = before;
        part
    }

    fn until(
        &mut self,
        stop: Option<char>,
        mut split: Option<&mut Split>,
    ) -> Result<String, Mistake> {
        let mut result = String::new();
        let mut add = |result: &mut String, text: &str, quoted: bool| {
            result.push_str(text);
            if let Some(split) = &mut split {
                split.add(text, quoted);
            }
        };
        while let Some(next) = self.peek() {
            if stop == Some(next) {
                self.next();
                return Ok(result);
            }
            match next {
                '$' => {
                    let value = self.dollar()?;
                    add(&mut result, &value, false);
                }
                '\'' if self.quotes != Quotes::Ordinary => {
                    let text = self.single()?;
                    add(&mut result, &text, true);
                }
                '"' if self.quotes != Quotes::Ordinary => {
                    let text = self.double()?;
                    add(&mut result, &text, true);
                }
                // `<< NAME` with space between is one word.
                '<' if self.text[self.at..].starts_with("<<") => {
                    let start = self.at;
                    self.at += 2;
                    while matches!(self.peek(), Some('\t' | '\r' | ' ')) {
                        self.next();
                    }
                    add(&mut result, &self.text[start..self.at], true);
                }
                _ => {
                    self.next();
                    if next != self.escape {
                        add(&mut result, next.encode_utf8(&mut [0; 4]), false);
                        continue;
                    }
                    if self.raw {
                        add(&mut result, next.encode_utf8(&mut [0; 4]), true);
                    }
                    // At the very end it escapes nothing, and goes.
                    if let Some(escaped) = self.next() {
                        add(&mut result, escaped.encode_utf8(&mut [0; 4]), true);
                    }
                }
            }
        }
        match stop {
            None => Ok(result),
            Some(_) => Err(self.mistake(self.at, Problem::Brace)),
        }
    }

    /// `'...'`: nothing means anything until the next single quote.
    fn single(&mut self) -> Result<String, Mistake> {
        let start = self.at;
        match self.text[start + 1..].find('\'') {
            Some(length) => {
                self.at = start + length + 2;
                Ok(self.unquoted(start).to_owned())
            }
            None => Err(self.unclosed(start, '\'')),
        }
    }

    /// `"..."`: variables are filled in, and the escape character stands before `"`, `$` and itself only.
    fn double(&mut self) -> Result<String, Mistake> {
        let start = self.at;
        let mut result = String::new();
        self.next();
        loop {
            match self.peek() {
                None => return Err(self.unclosed(start, '"')),
                Some('"') => {
                    self.next();
                    break;
                }
                Some('$') => result.push_str(&self.dollar()?),
                Some(c) => {
                    self.next();
                    if c != self.escape {
                        result.push(c);
                        continue;
                    }
                    if self.raw {
                        result.push(c);
                    }
                    match self.peek() {
                        None => {}
                        Some(next) if next == '"' || next == '$' || next == self.escape => {
                            self.next();
                            result.push(next);
                        }
                        Some(_) => result.push(c),
                    }
                }
            }
        }
        Ok(if self.quotes == Quotes::Keep {
            format!("\"{result}\"")
        } else {
            result
        })
    }

    /// What was read since `start`, a quote, less the quotes if they go.
    fn unquoted(&self, start: usize) -> &'t str {
        if self.quotes == Quotes::Keep {
            &self.text[start..self.at]
        } else {
            &self.text[start + 1..self.at - 1]
        }
    }

    fn unclosed(&mut self, start: usize, quote: char) -> Mistake {
        self.at = self.text.len();
        self.mistake(start, Problem::Quote { quote })
    }

    /// The value of a variable whose name stands at `span`.
    pub fn value(&mut self, name: &str, span: Range<usize>) -> Result<Option<String>, Mistake> {
        if !name.is_empty() {
            self.names.push((name.to_owned(), span.clone()));
        }
        let value = (self.lookup)(name);
        self.grow(span.start, value.as_ref().map_or(0, String::len))?;
        Ok(value)
    }

    /// Fails if the result has grown beyond reason by another `bytes`.
    pub fn grow(&mut self, start: usize, bytes: usize) -> Result<(), Mistake> {
        self.produced = self.produced.saturating_add(bytes);
        if self.produced > LENGTH {
            return Err(self.mistake(start, Problem::Long { limit: LENGTH }));
        }
        Ok(())
    }

    /// Something wrong between `start` and here.
    pub fn mistake(&self, start: usize, problem: Problem) -> Mistake {
        Mistake {
            problem,
            span: start..self.at.max(start),
        }
    }

    /// Whether all is read.
    pub fn ended(&self) -> bool {
        self.at == self.text.len()
    }

    /// The next character, which stays.
    pub fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    /// The next character, which is read.
    pub fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    /// What was read since `start`.
    pub fn since(&self, start: usize) -> &'t str {
        &self.text[start..self.at]
    }
}

/// Words parted by white space that is not quoted.
#[derive(Debug, Default)]
pub(super) struct Split {
    words: Vec<String>,
    current: String,
}

impl Split {
    fn add(&mut self, text: &str, quoted: bool) {
        if quoted {
            self.current.push_str(text);
            return;
        }
        for c in text.chars() {
            if !c.is_whitespace() {
                self.current.push(c);
            } else if !self.current.is_empty() {
                self.words.push(std::mem::take(&mut self.current));
            }
        }
    }

    /// The words. None is empty.
    pub fn finish(mut self) -> Vec<String> {
        if !self.current.is_empty() {
            self.words.push(self.current);
        }
        self.words
    }
}
