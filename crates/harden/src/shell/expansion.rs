//! What begins with a dollar or a backtick.

use super::joined::Joined;
use super::model::Variable;
use super::parse::{Parser, parse};
use super::word::Making;

impl Parser<'_> {
    /// `$...`
    pub fn dollar(&mut self, making: &mut Making, quoted: bool) {
        let start = self.at;
        self.at += 1;
        let rest = self.rest();
        if rest.starts_with("((") {
            making.unknown();
            self.at += 2;
            self.balanced('(', ')', making);
            self.take(")");
        } else if self.take("(") {
            self.substitution(making);
        } else if self.take("{") {
            making.unknown();
            let inner = self.at;
            let close = self.balanced('{', '}', making);
            let said = &self.text[inner..close.max(inner)];
            let said = said
                .strip_prefix(['#', '!'])
                .filter(|rest| !rest.is_empty())
                .unwrap_or(said);
            let length = name_length(said);
            self.variable(making, &said[..length], &said[length..], quoted, start);
        } else if !quoted && rest.starts_with('\'') {
            making.unknown();
            self.at += 1;
            self.quoted_until('\'');
        } else if rest.starts_with(|c: char| c.is_ascii_alphanumeric() || "_@*#?-$!".contains(c)) {
            making.unknown();
            let length = name_length(rest);
            self.at += length;
            self.variable(making, &rest[..length], "", quoted, start);
        } else {
            making.say("$");
        }
    }

    fn variable(
        &mut self,
        making: &mut Making,
        name: &str,
        rest: &str,
        quoted: bool,
        start: usize,
    ) {
        let span = self.span(start..self.at);
        making.word.variables.push(Variable {
            name: name.to_owned(),
            quoted,
            rest: rest.to_owned(),
            span,
        });
    }

    /// Commands up to `)`.
    pub fn substitution(&mut self, making: &mut Making) {
        making.unknown();
        let start = self.at;
        let pending = std::mem::take(&mut self.pending);
        let list = self.list();
        self.newlines();
        if !self.take(")") {
            self.mistake("$( has no )", start.saturating_sub(1)..start);
            self.skip_line();
        }
        self.pending = pending;
        making.word.commands.push(list);
    }

    /// Commands between backticks.
    pub fn backticks(&mut self, making: &mut Making) {
        making.unknown();
        let start = self.at;
        self.at += 1;
        if !self.quoted_until('`') {
            self.mistake("this backtick is not closed", start..start + 1);
            return;
        }
        let inner = start + 1..self.at - 1;
        // Escapes in backticks would move every place in them.
        if self.text[inner.clone()].contains(['\\', '`']) {
            return;
        }
        let part: Joined = self.source.sub(inner);
        let script = self.deeper(|_| parse(&part));
        making
            .word
            .commands
            .extend(script.map(|script| script.items));
    }

    /// Passes over text up to and with `end`. Whether it came.
    fn quoted_until(&mut self, end: char) -> bool {
        while let Some(c) = self.peek() {
            self.at += c.len_utf8();
            if c == end {
                return true;
            }
            if c == '\\' {
                self.at += self.peek().map_or(0, char::len_utf8);
            }
        }
        false
    }

    /// Passes over text up to and with the `close` that belongs to an `open` already read; where that stands.
    pub fn balanced(&mut self, open: char, close: char, making: &mut Making) -> usize {
        let start = self.at;
        let mut depth = 0_usize;
        while let Some(c) = self.peek() {
            let here = self.at;
            match c {
                '\\' => {
                    self.at += 1;
                    self.at += self.peek().map_or(0, char::len_utf8);
                    continue;
                }
                '\'' => {
                    self.at += 1;
                    let rest = self.rest();
                    // In an expansion between double quotes a single one means nothing.
                    self.at += rest
                        .find(['\'', '\n'])
                        .filter(|&end| rest[end..].starts_with('\''))
                        .map_or(0, |end| end + 1);
                    continue;
                }
                '$' => {
                    let deeper = self.deeper(|parser| parser.dollar(making, true));
                    if deeper.is_none() {
                        return here;
                    }
                    continue;
                }
                _ => self.at += c.len_utf8(),
            }
            if c == open {
                depth += 1;
            } else if c == close {
                if depth == 0 {
                    return here;
                }
                depth -= 1;
            }
        }
        self.mistake("this is not closed", start.saturating_sub(1)..start);
        self.text.len()
    }
}

/// How many bytes of `text` are the name of a variable: a word, a number, or one sign.
fn name_length(text: &str) -> usize {
    let word = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .unwrap_or(text.len());
    if word == 0 {
        return usize::from(text.starts_with(|c: char| "@*#?-$!".contains(c)));
    }
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return 1;
    }
    word
}
