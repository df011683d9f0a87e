//! Environment files: the subset of bash in which nothing but variables is set.

use super::outside::Outside;
use super::parse::{Parser, Place, is_name_start};
use super::reserved;
use super::word::{Alternative, Operator, Piece};
use crate::environment::Environment;

/// What in a file is outside the subset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The line, from 1.
    pub line: usize,
    /// What it is.
    pub outside: Outside,
}

/// One word of a statement.
enum Word {
    Assignment { name: String, value: Vec<Piece> },
    Plain(String),
}

/// Evaluates a file as `set -a; . FILE` in bash would, if it lies in the subset: assignments, `export`, `unset`,
/// comments, quotes, `$NAME` and `${NAME:-word}` and its kin. Gives the environment afterwards.
pub fn evaluate(text: &str, environment: &Environment) -> Result<Environment, Fault> {
    let mut script = Script {
        parser: Parser::new(text),
        environment: environment.clone(),
    };
    loop {
        match script.statement() {
            Ok(true) => {}
            Ok(false) => return Ok(script.environment),
            Err(outside) => {
                let rest = script.parser.rest.count();
                let read = text.chars().count().saturating_sub(rest);
                let newlines = text.chars().take(read).filter(|&c| c == '\n').count();
                let line = newlines + 1;
                return Err(Fault { line, outside });
            }
        }
    }
}

struct Script<'a> {
    parser: Parser<'a>,
    environment: Environment,
}

impl Script<'_> {
    /// Evaluates the next statement; false at the end.
    fn statement(&mut self) -> Result<bool, Outside> {
        let mut words = Vec::new();
        loop {
            self.skip_blanks();
            match self.parser.rest.peek() {
                None => break,
                // Bash wants a statement before each of these.
                Some(';') if words.is_empty() => return Err(Outside::Operator { operator: ';' }),
                Some('\n' | ';') => {
                    self.parser.rest.next();
                    break;
                }
                Some('#') => while self.parser.rest.next_if(|&c| c != '\n').is_some() {},
                Some(_) => {
                    let word = self.word(&words)?;
                    words.push(word);
                }
            }
        }
        let is_last = words.is_empty() && self.parser.rest.peek().is_none();
        self.run(words)?;
        Ok(!is_last)
    }

    fn skip_blanks(&mut self) {
        loop {
            if self.parser.continues() {
                self.parser.rest.next();
                self.parser.rest.next();
            } else if self
                .parser
                .rest
                .next_if(|&c| c == ' ' || c == '\t')
                .is_none()
            {
                return;
            }
        }
    }

    fn word(&mut self, before: &[Word]) -> Result<Word, Outside> {
        let mut name = String::new();
        while let Some(next) = self
            .parser
            .rest
            .next_if(|&c| is_name_start(c) || (!name.is_empty() && c.is_ascii_digit()))
        {
            name.push(next);
        }
        match self.parser.rest.peek() {
            Some('=') if !name.is_empty() => {
                self.parser.rest.next();
                let value = self.value()?;
                Ok(Word::Assignment { name, value })
            }
            None | Some(' ' | '\t' | '\n' | ';') if !name.is_empty() => {
                let may_stand = ["export", "unset"].contains(&name.as_str()) || !before.is_empty();
                if may_stand {
                    Ok(Word::Plain(name))
                } else {
                    Err(Outside::Program { name })
                }
            }
            Some(&character) => Err(Outside::Program {
                name: format!("{name}{character}"),
            }),
            None => Err(Outside::Nothing),
        }
    }

    fn value(&mut self) -> Result<Vec<Piece>, Outside> {
        let mut pieces = Vec::new();
        while let Some(next) = self.parser.rest.peek() {
            if [' ', '\t', '\n', ';'].contains(next) {
                break;
            }
            self.parser.unquoted(Place::Line, &mut pieces)?;
        }
        Ok(pieces)
    }

    fn run(&mut self, words: Vec<Word>) -> Result<(), Outside> {
        let mut words = words.into_iter().peekable();
        let builtin = match words.peek() {
            Some(Word::Plain(name)) => Some(name.clone()),
            _ => None,
        };
        if let Some(name) = &builtin {
            words.next();
            // Alone, `export` prints what there is.
            if words.peek().is_none() {
                return Err(Outside::Program { name: name.clone() });
            }
        }
        for word in words {
            match (builtin.as_deref(), word) {
                (None | Some("export"), Word::Assignment { name, value }) => {
                    is_ours(&name)?;
                    let value = self.text(&value)?;
                    self.environment.set(name, value);
                }
                // All that is set is exported already.
                (Some("export"), Word::Plain(name)) => is_ours(&name)?,
                (Some("unset"), Word::Plain(name)) => {
                    is_ours(&name)?;
                    self.environment.unset(name);
                }
                (_, Word::Assignment { name, .. } | Word::Plain(name)) => {
                    return Err(Outside::Program { name });
                }
            }
        }
        Ok(())
    }

    /// The value of an assignment: nothing is split, and nothing is a pattern.
    fn text(&self, pieces: &[Piece]) -> Result<Vec<u8>, Outside> {
        let mut text = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Text { text: more, .. } => text.extend_from_slice(more.as_bytes()),
                Piece::Variable {
                    name, alternative, ..
                } => {
                    text.extend(self.variable(name, alternative.as_ref())?);
                }
            }
        }
        Ok(text)
    }

    fn variable(&self, name: &str, alternative: Option<&Alternative>) -> Result<Vec<u8>, Outside> {
        let value = self.environment.get(name);
        if value.is_none() && reserved::has_default(name) {
            return Err(Outside::ShellVariable {
                name: name.to_owned(),
            });
        }
        let Some(alternative) = alternative else {
            return Ok(value.unwrap_or_default().to_vec());
        };
        let set = value.filter(|value| !alternative.or_empty || !value.is_empty());
        match (alternative.operator, set) {
            (Operator::Replacement, None) => Ok(Vec::new()),
            (Operator::Default | Operator::Required, Some(value)) => Ok(value.to_vec()),
            (Operator::Default, None) | (Operator::Replacement, Some(_)) => {
                self.text(&alternative.word)
            }
            (Operator::Required, None) => Err(Outside::Unset {
                name: name.to_owned(),
                message: String::from_utf8_lossy(&self.text(&alternative.word)?).into_owned(),
            }),
        }
    }
}

/// Bash treats its own variables in ways of their own.
fn is_ours(name: &str) -> Result<(), Outside> {
    if reserved::is_shell_variable(name) || name == "POSIXLY_CORRECT" || name == "GLOBIGNORE" {
        return Err(Outside::ShellVariable {
            name: name.to_owned(),
        });
    }
    Ok(())
}
