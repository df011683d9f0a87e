//! Splitting a line into words as a shell would, only as far as finding heredocs needs it.
//!
//! `BuildKit` looks for `<<NAME` with the lexer that expands variables, given none, and takes a line that this lexer cannot
//! read for one without heredocs. What it can read therefore decides which lines are part of a document:
//!
//! ```text
//! RUN cat <<EOF             a heredoc
//! RUN echo "<<EOF"          a string
//! RUN echo don't <<EOF      no heredoc: the quote is never closed
//! RUN cat <<EOF > ${x^^}    no heredoc: this form of expansion is not known
//! ```
//! Source: `frontend/dockerfile/shell/lex.go`.

use std::iter::Peekable;
use std::str::Chars;

/// The text cannot be read: a quote or brace is not closed, or an expansion is unknown.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unreadable;

/// What quotes and escape characters become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Raw {
    /// Quotes stay.
    pub quotes: bool,
    /// Escape characters stay.
    pub escapes: bool,
}

/// The words of `text`.
pub(super) fn words(text: &str, raw: Raw) -> Result<Vec<String>, Unreadable> {
    let mut lexer = Lexer {
        chars: text.chars().peekable(),
        raw,
        depth: 0,
        forgets: false,
    };
    let (_, words) = lexer.until(None, raw.escapes)?;
    Ok(words)
}

/// Expansions in expansions beyond this are not read: the lexer calls itself for each.
const DEEPEST: usize = 64;

struct Lexer<'t> {
    chars: Peekable<Chars<'t>>,
    raw: Raw,
    depth: usize,
    /// Whether an expansion with a word in it was read: all words share one buffer in the original, so that the word
    /// around such an expansion loses what came before it. `<<${a:-b}` is no heredoc for that reason.
    forgets: bool,
}

#[derive(Default)]
struct Words {
    done: Vec<String>,
    current: String,
}

impl Words {
    fn add(&mut self, c: char) {
        if !c.is_whitespace() {
            self.current.push(c);
        } else if !self.current.is_empty() {
            self.done.push(std::mem::take(&mut self.current));
        }
    }
}

impl Lexer<'_> {
    /// Reads up to `stop`, which must come, or to the end. All of it, and its words.
    fn until(
        &mut self,
        stop: Option<char>,
        raw_escapes: bool,
    ) -> Result<(String, Vec<String>), Unreadable> {
        let before = std::mem::replace(&mut self.raw.escapes, raw_escapes);
        let mut all = String::new();
        let mut words = Words::default();
        let stopped = loop {
            let Some(&c) = self.chars.peek() else {
                break false;
            };
            if stop == Some(c) {
                self.chars.next();
                break true;
            }
            let start = all.len();
            match c {
                '$' => {
                    all.push_str(&self.dollar()?);
                    self.forget(&mut words);
                    all[start..].chars().for_each(|c| words.add(c));
                    continue;
                }
                '<' => all.push_str(&self.angle()),
                '\'' => all.push_str(&self.single()?),
                '"' => all.push_str(&self.double()?),
                '\\' => {
                    self.chars.next();
                    if raw_escapes {
                        all.push('\\');
                    }
                    all.extend(self.chars.next());
                }
                _ => {
                    self.chars.next();
                    all.push(c);
                    words.add(c);
                    continue;
                }
            }
            self.forget(&mut words);
            words.current.push_str(&all[start..]);
        };
        self.raw.escapes = before;
        if stop.is_some() && !stopped {
            return Err(Unreadable);
        }
        if !words.current.is_empty() {
            words.done.push(words.current);
        }
        Ok((all, words.done))
    }

    fn forget(&mut self, words: &mut Words) {
        if std::mem::take(&mut self.forgets) {
            words.current.clear();
        }
    }

    /// `<<` takes the white space after it along.
    fn angle(&mut self) -> String {
        let mut said = String::from("<");
        self.chars.next();
        if self.chars.next_if_eq(&'<').is_some() {
            said.push('<');
            while let Some(c) = self.chars.next_if(|c| matches!(c, '\t' | '\r' | ' ')) {
                said.push(c);
            }
        }
        said
    }

    fn single(&mut self) -> Result<String, Unreadable> {
        let mut said = String::new();
        self.quote(&mut said);
        loop {
            match self.chars.peek() {
                None => return Err(Unreadable),
                Some('\'') => {
                    self.quote(&mut said);
                    return Ok(said);
                }
                Some(_) => said.extend(self.chars.next()),
            }
        }
    }

    fn double(&mut self) -> Result<String, Unreadable> {
        let mut said = String::new();
        self.quote(&mut said);
        loop {
            match self.chars.peek() {
                None => return Err(Unreadable),
                Some('"') => {
                    self.quote(&mut said);
                    return Ok(said);
                }
                Some('$') => said.push_str(&self.dollar()?),
                Some('\\') => {
                    self.chars.next();
                    let escapes = self
                        .chars
                        .peek()
                        .is_some_and(|next| matches!(next, '"' | '$' | '\\'));
                    if self.raw.escapes || !escapes {
                        said.push('\\');
                    }
                    if escapes {
                        said.extend(self.chars.next());
                    }
                }
                Some(_) => said.extend(self.chars.next()),
            }
        }
    }

    /// Takes a quote; says it where quotes stay.
    fn quote(&mut self, said: &mut String) {
        let quote = self.chars.next();
        if self.raw.quotes {
            said.extend(quote);
        }
    }

    /// An expansion. Nothing is set, and what is not set stays as it is written.
    fn dollar(&mut self) -> Result<String, Unreadable> {
        self.chars.next();
        if self.chars.next_if_eq(&'{').is_none() {
            return Ok(format!("${}", self.name()));
        }
        if self
            .chars
            .peek()
            .is_none_or(|c| matches!(c, '{' | '}' | ':'))
        {
            return Err(Unreadable);
        }
        let name = self.name();
        let mut sign = self.chars.next().ok_or(Unreadable)?;
        let mut signs = String::from(sign);
        match sign {
            '}' => return Ok(format!("${{{name}}}")),
            '/' => return self.replacement(&name),
            ':' => {
                sign = self.chars.next().ok_or(Unreadable)?;
                signs.push(sign);
                if matches!(sign, '#' | '%') {
                    return Err(Unreadable);
                }
            }
            '+' | '-' | '?' | '#' | '%' => {}
            _ => return Err(Unreadable),
        }
        let word = self.nested('}', matches!(sign, '#' | '%'))?;
        Ok(format!("${{{name}{signs}{word}}}"))
    }

    /// `${name/pattern/replacement}`, with `/` already read.
    fn replacement(&mut self, name: &str) -> Result<String, Unreadable> {
        let _all = self.chars.next_if_eq(&'/');
        let pattern = self.nested('/', true)?;
        let replacement = self.nested('}', true)?;
        Ok(format!("${{{name}/{pattern}/{replacement}}}"))
    }

    fn nested(&mut self, stop: char, raw_escapes: bool) -> Result<String, Unreadable> {
        if self.depth == DEEPEST {
            return Err(Unreadable);
        }
        self.depth += 1;
        let (said, _) = self.until(Some(stop), raw_escapes)?;
        self.depth -= 1;
        self.forgets = true;
        Ok(said)
    }

    /// The name of a variable, a number, a special parameter, or nothing.
    fn name(&mut self) -> String {
        let mut name = String::new();
        match self.chars.peek() {
            Some(c) if c.is_numeric() => {
                while let Some(c) = self.chars.next_if(|c| c.is_numeric()) {
                    name.push(c);
                }
            }
            Some('@' | '*' | '#' | '?' | '-' | '$' | '!') => name.extend(self.chars.next()),
            _ => {
                while let Some(c) = self.chars.next_if(|&c| c.is_alphanumeric() || c == '_') {
                    name.push(c);
                }
            }
        }
        name
    }
}

#[cfg(test)]
mod tests {
    use super::{Raw, Unreadable, words};

    const ALL: Raw = Raw {
        quotes: true,
        escapes: true,
    };

    #[test]
    fn words_of_a_line() {
        let table: [(&str, &[&str]); 12] = [
            ("RUN cat <<EOF", &["RUN", "cat", "<<EOF"]),
            ("a << EOF b", &["a", "<< EOF", "b"]),
            ("a <<<EOF", &["a", "<<<EOF"]),
            ("a '<<EOF b' \"c d\"", &["a", "'<<EOF b'", "\"c d\""]),
            ("a\\ b \\<<c", &["a\\ b", "\\<<c"]),
            ("$a ${b} ${c:-d e}", &["$a", "${b}", "${c:-d", "e}"]),
            ("a${b:-c}d \"e${f:-g}\"", &["${b:-c}d", "\"e${f:-g}\""]),
            (
                "${a:=b} ${c/d/e} ${f//g/h}",
                &["${a:=b}", "${c/d/e}", "${f/g/h}"],
            ),
            ("$(a) $$ $", &["$(a)", "$$", "$"]),
            ("\"a\\\"b $c\\n\"", &["\"a\\\"b $c\\n\""]),
            ("${a:-'}'}b", &["${a:-'}'}b"]),
            ("", &[]),
        ];
        for (text, expected) in table {
            let found = words(text, ALL).expect("it can be read");
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read() {
        for text in [
            "don't", "\"a", "${", "${}", "${a", "${a^^}", "${a:#b}", "${a:}", "${a//b}", "${#a}",
            "${a[0]}",
        ] {
            assert_eq!(words(text, ALL), Err(Unreadable), "{text}");
        }
        let deep = format!("{}{}", "${a:-".repeat(100_000), "}".repeat(100_000));
        assert_eq!(words(&deep, ALL), Err(Unreadable));
    }
}
