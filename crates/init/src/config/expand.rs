//! Templates: text with values of the configuration.
//!
//! ```text
//! listen {{ nginx.listen | 8080 }};          the value, or what stands after the bar (as it is) if there is none
//! {{ env.PORT }}                             a variable
//! {% if nginx.static %} .. {% else %} .. {% end %}      there is a value, and it is neither empty nor false
//! {% for name in nginx.names %} {{ name }} {% end %}    each item of a list
//! ```
//! A line with nothing but one `{% .. %}` leaves no empty line behind.

use std::fmt;

use super::layer::Config;
use super::value::list;

/// How deep `if` and `for` go at most.
const DEEPEST: usize = 16;

/// What is wrong with a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit {
    /// Line, from 1.
    pub line: usize,
    /// What.
    pub what: What,
}

/// What can be wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A value that is not there, and has no default.
    Missing(String),
    /// A `{{` or `{%` without its end.
    Open,
    /// Not `if`, `for`, `else` or `end`.
    Word(String),
    /// An `else` or `end` too many.
    Stray,
    /// An `if` or `for` without its `end`.
    Unended,
    /// Too many in each other.
    Deep,
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.line)?;
        match &self.what {
            What::Missing(path) => write!(
                f,
                "{path} is not configured, and the template has no default for it"
            ),
            What::Open => f.write_str("this is never closed"),
            What::Word(word) => write!(
                f,
                "\"{word}\" is not understood: there are if X, for X in Y, else and end"
            ),
            What::Stray => f.write_str("there is nothing to end here"),
            What::Unended => f.write_str("this has no {% end %}"),
            What::Deep => write!(f, "there are more than {DEEPEST} in each other"),
        }
    }
}

impl std::error::Error for Unfit {}

#[derive(Debug)]
enum Part<'a> {
    Text(&'a str),
    Value(usize, &'a str),
    Tag(usize, &'a str),
}

/// Fills in a template.
pub fn expand(template: &str, config: &Config) -> Result<String, Unfit> {
    let parts = split(template)?;
    let mut writer = Writer {
        config,
        parts: &parts,
        names: Vec::new(),
        text: String::new(),
    };
    match writer.block(0, true, 0)? {
        (_, Stop::Eof) => Ok(writer.text),
        (_, Stop::Else(line) | Stop::End(line)) => Err(Unfit {
            line,
            what: What::Stray,
        }),
    }
}

fn split(template: &str) -> Result<Vec<Part<'_>>, Unfit> {
    let mut parts = Vec::new();
    let (mut rest, mut line) = (template, 1);
    while let Some(start) = rest.find("{{").into_iter().chain(rest.find("{%")).min() {
        let (text, after) = rest.split_at(start);
        line += text.matches('\n').count();
        let tag = after.starts_with("{%");
        let close = if tag { "%}" } else { "}}" };
        let end = after.find(close).ok_or(Unfit {
            line,
            what: What::Open,
        })?;
        let inner = after.get(2..end).unwrap_or_default().trim();
        let mut following = after.get(end + 2..).unwrap_or_default();
        let mut text = text;
        let alone_before = text
            .rsplit('\n')
            .next()
            .is_none_or(|last| last.trim().is_empty());
        if tag
            && alone_before
            && (text.contains('\n')
                || parts.is_empty()
                || matches!(parts.last(), Some(Part::Tag(..))))
            && let Some(next) = following.trim_start_matches([' ', '\t']).strip_prefix('\n')
        {
            text = text
                .get(..text.rfind('\n').map_or(0, |at| at + 1))
                .unwrap_or_default();
            following = next;
            parts.push(Part::Text(text));
            parts.push(Part::Tag(line, inner));
            line += 1;
        } else {
            parts.push(Part::Text(text));
            parts.push(if tag {
                Part::Tag(line, inner)
            } else {
                Part::Value(line, inner)
            });
        }
        line += after.get(..end).unwrap_or_default().matches('\n').count();
        rest = following;
    }
    parts.push(Part::Text(rest));
    Ok(parts)
}

/// What ends a block.
enum Stop {
    Else(usize),
    End(usize),
    Eof,
}

struct Writer<'a> {
    config: &'a Config,
    parts: &'a [Part<'a>],
    /// Names of loops and their values, the innermost last.
    names: Vec<(String, String)>,
    text: String,
}

impl<'a> Writer<'a> {
    /// Writes the parts from `at` on, or only looks at them; gives what ended it, and the part after that.
    fn block(&mut self, mut at: usize, shown: bool, depth: usize) -> Result<(usize, Stop), Unfit> {
        while let Some(part) = self.parts.get(at) {
            at += 1;
            match part {
                Part::Text(text) if shown => self.text.push_str(text),
                Part::Value(line, inner) if shown => {
                    let what = || What::Missing((*inner).to_owned());
                    let value = self.value(inner).ok_or_else(|| Unfit {
                        line: *line,
                        what: what(),
                    })?;
                    self.text.push_str(&value);
                }
                Part::Text(_) | Part::Value(..) => {}
                Part::Tag(line, "else") => return Ok((at, Stop::Else(*line))),
                Part::Tag(line, "end") => return Ok((at, Stop::End(*line))),
                Part::Tag(line, inner) => at = self.tag(*line, inner, (at, shown, depth + 1))?,
            }
        }
        Ok((at, Stop::Eof))
    }

    /// An `if` or `for` whose block begins at the part `at`; gives the part after its `end`.
    fn tag(
        &mut self,
        line: usize,
        inner: &'a str,
        (at, shown, depth): (usize, bool, usize),
    ) -> Result<usize, Unfit> {
        let unfit = |what| Err(Unfit { line, what });
        if depth > DEEPEST {
            return unfit(What::Deep);
        }
        match inner.split_whitespace().collect::<Vec<_>>().as_slice() {
            ["if", path] => {
                let value = self.value(path).unwrap_or_default();
                let holds =
                    !["", "off", "no", "false", "0"].contains(&value.to_lowercase().as_str());
                match self.block(at, shown && holds, depth)? {
                    (at, Stop::End(_)) => Ok(at),
                    (at, Stop::Else(_)) => match self.block(at, shown && !holds, depth)? {
                        (at, Stop::End(_)) => Ok(at),
                        (_, Stop::Else(line)) => Err(Unfit {
                            line,
                            what: What::Stray,
                        }),
                        (_, Stop::Eof) => unfit(What::Unended),
                    },
                    (_, Stop::Eof) => unfit(What::Unended),
                }
            }
            ["for", name, "in", path] => {
                let value = self.value(path).unwrap_or_default();
                let mut items = list(&value);
                if !shown {
                    items.clear();
                }
                let mut end = None;
                for item in items {
                    self.names.push(((*name).to_owned(), item.to_owned()));
                    end = Some(self.block(at, true, depth)?);
                    self.names.pop();
                }
                let end = match end {
                    Some(end) => end,
                    None => self.block(at, false, depth)?,
                };
                match end {
                    (at, Stop::End(_)) => Ok(at),
                    (_, Stop::Else(line)) => Err(Unfit {
                        line,
                        what: What::Stray,
                    }),
                    (_, Stop::Eof) => unfit(What::Unended),
                }
            }
            _ => unfit(What::Word(inner.to_owned())),
        }
    }

    /// A name of a loop, a variable, an option, or the default after the bar.
    fn value(&self, inner: &str) -> Option<String> {
        let (path, default) = match inner.split_once('|') {
            Some((path, default)) => (path.trim(), Some(default.trim())),
            None => (inner, None),
        };
        let named = self.names.iter().rev().find(|(name, _)| name == path);
        let variable = || {
            path.strip_prefix("env.")
                .and_then(|name| self.config.environment(name))
                .map(str::to_owned)
        };
        named
            .map(|(_, value)| value.clone())
            .or_else(variable)
            .or_else(|| self.config.get(path).map(|item| item.value))
            .or_else(|| default.map(str::to_owned))
    }
}
