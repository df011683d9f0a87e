//! What stands after a `$`.

use super::lexer::{LENGTH, Lexer};
use super::mistake::{Mistake, Problem};
use super::pattern::Pattern;
use super::replace;

impl Lexer<'_> {
    /// `$name` and `${...}`; a `$` before anything else is a `$`.
    pub(super) fn dollar(&mut self) -> Result<String, Mistake> {
        let start = self.at;
        self.next();
        if self.peek() != Some('{') {
            let name = self.name();
            let span = self.at - name.len()..self.at;
            if name.is_empty() {
                return Ok("$".to_owned());
            }
            let value = self.value(&name, span)?;
            return Ok(match value {
                None if self.keep_unset => format!("${name}"),
                value => value.unwrap_or_default(),
            });
        }
        self.next();
        match self.peek() {
            None => return Err(self.mistake(start, Problem::Brace)),
            Some('{' | '}' | ':') => {
                self.next();
                return Err(self.mistake(start, Problem::Nameless));
            }
            Some(_) => {}
        }
        let name = self.name();
        let span = self.at - name.len()..self.at;
        let after = self.at;
        let value = match self.next() {
            None => return Err(self.mistake(start, Problem::Brace)),
            Some('}') => {
                let value = self.value(&name, span)?;
                match value {
                    None if self.keep_unset => return Ok(self.since(start).to_owned()),
                    value => return Ok(value.unwrap_or_default()),
                }
            }
            Some('/') => {
                let all = self.peek() == Some('/');
                if all {
                    self.next();
                }
                let pattern = self
                    .part('/', true)
                    .map_err(|mistake| self.open(start, mistake, slash(&name)))?;
                let replacement = self
                    .part('}', true)
                    .map_err(|mistake| self.open(start, mistake, Problem::Brace))?;
                let value = self.value(&name, span)?;
                if self.keep_unset && value.is_none() {
                    return Ok(format!("${{{name}/{pattern}/{replacement}}}"));
                }
                let Some(parsed) = self.pattern(start, &pattern)? else {
                    return Ok(String::new());
                };
                let value = value.unwrap_or_default();
                let result = if all {
                    replace::all(&value, &parsed, &replacement, LENGTH)
                } else {
                    Some(replace::first(&value, &parsed, &replacement))
                };
                let Some(result) = result else {
                    return Err(self.mistake(start, Problem::Long { limit: LENGTH }));
                };
                self.grow(start, result.len())?;
                return Ok(result);
            }
            Some(':') => {
                let kind = self.next();
                self.modified(start, after, &name, kind, true)?
            }
            kind => self.modified(start, after, &name, kind, false)?,
        };
        Ok(value)
    }

    /// `${name[:]kind word}`, read up to `kind`. The variable is looked up after those in the word, as `BuildKit` does.
    fn modified(
        &mut self,
        start: usize,
        after: usize,
        name: &str,
        kind: Option<char>,
        colon: bool,
    ) -> Result<String, Mistake> {
        let text = self.since(after).to_owned();
        let trims = matches!(kind, Some('#' | '%'));
        if !matches!(kind, Some('-' | '+' | '?' | '#' | '%')) || (colon && trims) {
            let problem = match kind {
                None => Problem::Brace,
                Some(_) => Problem::Modifier {
                    name: name.to_owned(),
                    modifier: text,
                },
            };
            return Err(self.mistake(start, problem));
        }
        let span = after - name.len()..after;
        let word = self
            .part('}', trims)
            .map_err(|mistake| self.open(start, mistake, Problem::Brace))?;
        let value = self.value(name, span)?;
        if self.keep_unset && value.is_none() {
            return Ok(format!("${{{name}{text}{word}}}"));
        }
        let present = value
            .as_ref()
            .is_some_and(|value| !colon || !value.is_empty());
        Ok(match kind {
            Some('-') if !present => word,
            Some('+') => return Ok(if present { word } else { String::new() }),
            Some('?') if !present && !self.lenient => {
                let message = match (&value, word.is_empty()) {
                    (_, false) => word,
                    (None, true) => "is not allowed to be unset".to_owned(),
                    (Some(_), true) => "is not allowed to be empty".to_owned(),
                };
                let problem = Problem::Required {
                    name: name.to_owned(),
                    message,
                };
                return Err(self.mistake(start, problem));
            }
            Some(kind @ ('#' | '%')) => {
                let longest = word.starts_with(kind);
                let pattern = if longest { &word[1..] } else { &word };
                let value = value.unwrap_or_default();
                match self.pattern(start, pattern)? {
                    None => value,
                    Some(pattern) if kind == '#' => {
                        value[pattern.prefix(&value, longest).unwrap_or(0)..].to_owned()
                    }
                    Some(pattern) => {
                        let length = pattern.suffix(&value, longest).unwrap_or(0);
                        value[..value.len() - length].to_owned()
                    }
                }
            }
            _ => value.unwrap_or_default(),
        })
    }

    /// A pattern, or `None` where only names are wanted.
    fn pattern(&self, start: usize, text: &str) -> Result<Option<Pattern>, Mistake> {
        match Pattern::parse(text) {
            _ if self.lenient => Ok(None),
            Some(pattern) => Ok(Some(pattern)),
            None => Err(self.mistake(
                start,
                Problem::Pattern {
                    pattern: text.to_owned(),
                },
            )),
        }
    }

    /// A mistake within braces: that they are not closed, if that is why the text ended.
    fn open(&self, start: usize, mistake: Mistake, problem: Problem) -> Mistake {
        if mistake.problem == Problem::Brace && self.ended() {
            self.mistake(start, problem)
        } else {
            mistake
        }
    }

    /// A name: letters, digits and `_`; or digits; or one of the shell's special characters; or nothing.
    fn name(&mut self) -> String {
        let start = self.at;
        match self.peek() {
            Some('0'..='9') => {
                while matches!(self.peek(), Some('0'..='9')) {
                    self.next();
                }
            }
            Some('@' | '*' | '#' | '?' | '-' | '$' | '!') => {
                self.next();
            }
            _ => {
                while self.peek().is_some_and(|c| c.is_alphanumeric() || c == '_') {
                    self.next();
                }
            }
        }
        self.since(start).to_owned()
    }
}

fn slash(name: &str) -> Problem {
    Problem::Slash {
        name: name.to_owned(),
    }
}
