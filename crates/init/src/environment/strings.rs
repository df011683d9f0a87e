//! A reader of that part of TOML 1.1 in which every value is a string: what a program of `exec.d` may write.
//!
//! ```text
//! # comment
//! NAME = "basic \u00e9"     "odd name" = 'literal'     TEXT = """several lines, \
//!    joined"""             RAW = '''as it is'''        (one to a line)
//! ```

use std::collections::BTreeMap;
use std::fmt;

/// Why a text is not of that part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// No name where one is due.
    Name,
    /// A name with dots: a table, which no environment holds.
    Dotted,
    /// A table or an array of tables.
    Table,
    /// No equals sign behind the name.
    Equals,
    /// A value that is not a string.
    Value,
    /// A string without an end.
    Unended,
    /// An escape that does not exist.
    Escape,
    /// A control character that may not stand there.
    Control,
    /// Something behind the value.
    Rest,
    /// A name that was there before.
    Twice,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "a name is missing",
            Self::Dotted => "a name with dots has to be in quotes",
            Self::Table => "tables are not allowed",
            Self::Equals => "\"=\" is missing behind the name",
            Self::Value => "the value is not a string in quotes",
            Self::Unended => "the string has no end",
            Self::Escape => "there is no such escape",
            Self::Control => "a control character has to be written as an escape",
            Self::Rest => "there is something behind the value",
            Self::Twice => "the name was there before",
        })
    }
}

/// Names and values, sorted by name; else the mistake and its line, counted from 1.
pub fn read(text: &str) -> Result<BTreeMap<String, String>, (usize, Mistake)> {
    let mut reader = Reader {
        rest: text.strip_prefix('\u{feff}').unwrap_or(text),
    };
    reader.entries().map_err(|mistake| {
        let read = text.len().saturating_sub(reader.rest.len());
        let before = text.get(..read).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        (line, mistake)
    })
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn entries(&mut self) -> Result<BTreeMap<String, String>, Mistake> {
        let mut entries = BTreeMap::new();
        loop {
            self.skip_blanks();
            match self.peek() {
                None => return Ok(entries),
                Some('[') => return Err(Mistake::Table),
                Some('#' | '\n' | '\r') => self.line_end()?,
                Some(_) => {
                    let name = self.name()?;
                    self.skip_blanks();
                    match self.peek() {
                        Some('=') => self.skip(1),
                        Some('.') => return Err(Mistake::Dotted),
                        _ => return Err(Mistake::Equals),
                    }
                    self.skip_blanks();
                    let value = self.string(true)?.ok_or(Mistake::Value)?;
                    self.skip_blanks();
                    if entries.contains_key(&name) {
                        return Err(Mistake::Twice);
                    }
                    entries.insert(name, value);
                    self.line_end()?;
                }
            }
        }
    }

    fn name(&mut self) -> Result<String, Mistake> {
        if let Some(name) = self.string(false)? {
            return Ok(name);
        }
        let is_bare = |one: char| one.is_ascii_alphanumeric() || one == '_' || one == '-';
        let length = self
            .rest
            .find(|one| !is_bare(one))
            .unwrap_or(self.rest.len());
        let name = self.rest.get(..length).unwrap_or_default().to_owned();
        self.skip(length);
        if name.is_empty() {
            return Err(Mistake::Name);
        }
        Ok(name)
    }

    /// A string in quotes, none if no quote is here.
    fn string(&mut self, may_have_lines: bool) -> Result<Option<String>, Mistake> {
        let Some(quote @ ('"' | '\'')) = self.peek() else {
            return Ok(None);
        };
        let three = if quote == '"' { "\"\"\"" } else { "'''" };
        let has_lines = may_have_lines && self.takes(three);
        if has_lines {
            // A line break right behind the opening is not part of the string.
            let _ = self.takes("\n") || self.takes("\r\n");
        } else {
            self.skip(1);
        }
        let mut value = String::new();
        loop {
            if has_lines && self.rest.starts_with(three) {
                self.skip(3);
                // Up to two quotes may stand before the closing ones.
                for _ in 0..2 {
                    if self.peek() == Some(quote) {
                        self.skip(1);
                        value.push(quote);
                    }
                }
                return Ok(Some(value));
            }
            if has_lines && self.takes("\r\n") {
                value.push_str("\r\n");
                continue;
            }
            let one = self.peek().ok_or(Mistake::Unended)?;
            match one {
                '\n' if has_lines => value.push('\n'),
                '\n' => return Err(Mistake::Unended),
                '\t' => value.push('\t'),
                _ if one.is_ascii_control() => return Err(Mistake::Control),
                '\\' if quote == '"' => {
                    self.skip(1);
                    self.escape(has_lines, &mut value)?;
                    continue;
                }
                _ if one == quote && !has_lines => {
                    self.skip(1);
                    return Ok(Some(value));
                }
                _ => value.push(one),
            }
            self.skip(one.len_utf8());
        }
    }

    /// What is behind a backslash.
    fn escape(&mut self, has_lines: bool, value: &mut String) -> Result<(), Mistake> {
        let one = self.peek().ok_or(Mistake::Unended)?;
        if has_lines && matches!(one, ' ' | '\t' | '\n' | '\r') {
            return self.continuation();
        }
        let digits = match one {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => 0,
        };
        if digits > 0 {
            let code = self.rest.get(1..=digits).ok_or(Mistake::Escape)?;
            if !code.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                return Err(Mistake::Escape);
            }
            let code = u32::from_str_radix(code, 16).map_err(|_| Mistake::Escape)?;
            value.push(char::from_u32(code).ok_or(Mistake::Escape)?);
        } else {
            value.push(match one {
                'b' => '\u{8}',
                't' => '\t',
                'n' => '\n',
                'e' => '\u{1b}',
                'f' => '\u{c}',
                'r' => '\r',
                '"' => '"',
                '\\' => '\\',
                _ => return Err(Mistake::Escape),
            });
        }
        self.skip(1 + digits);
        Ok(())
    }

    /// A backslash at the end of a line: all white space up to the next text goes.
    fn continuation(&mut self) -> Result<(), Mistake> {
        self.skip_blanks();
        if !self.rest.starts_with('\n') && !self.rest.starts_with("\r\n") {
            return Err(Mistake::Escape);
        }
        loop {
            self.skip_blanks();
            if !(self.takes("\n") || self.takes("\r\n")) {
                return Ok(());
            }
        }
    }

    /// The end of a line, before which there may be a comment.
    fn line_end(&mut self) -> Result<(), Mistake> {
        if self.peek() == Some('#') {
            let length = self.rest.find(['\n', '\r']).unwrap_or(self.rest.len());
            let comment = self.rest.get(..length).unwrap_or_default();
            if comment.contains(|one: char| one.is_ascii_control() && one != '\t') {
                return Err(Mistake::Control);
            }
            self.skip(length);
        }
        if self.rest.is_empty() || self.takes("\n") || self.takes("\r\n") {
            Ok(())
        } else {
            Err(Mistake::Rest)
        }
    }

    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    fn takes(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }
}
