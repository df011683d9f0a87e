//! From words to the arguments of a program: expansion and field splitting.

use super::Shell;
use super::outside::Outside;
use super::parse;
use super::reserved;
use super::word::{Alternative, Operator, Piece};

/// Evaluates a line as a POSIX shell would, if it lies in the subset where shells agree; `variable` is the
/// environment. Gives the program and its arguments, never empty. A leading `exec` is taken off.
pub fn native(
    line: &str,
    variable: impl Fn(&str) -> Option<Vec<u8>>,
    shell: Shell,
) -> Result<Vec<Vec<u8>>, Outside> {
    let mut fields = Fields::default();
    let expansion = Expansion { variable };
    for word in parse::words(line)? {
        expansion.expand(&word, false, &mut fields)?;
        fields.close();
    }
    let mut arguments = fields.closed;
    if let [first, second, ..] = arguments.as_slice()
        && first == b"exec"
        && !second.starts_with(b"-")
    {
        arguments.remove(0);
    }
    let first = arguments.first().ok_or(Outside::Nothing)?;
    if reserved::is_builtin(first)
        || (shell == Shell::There && reserved::is_builtin_and_program(first))
    {
        return Err(Outside::Builtin {
            name: String::from_utf8_lossy(first).into_owned(),
        });
    }
    Ok(arguments)
}

struct Expansion<V> {
    variable: V,
}

impl<V: Fn(&str) -> Option<Vec<u8>>> Expansion<V> {
    /// `split` tells whether unquoted text is split into fields: it is inside `${}`, and not in the line itself.
    fn expand(&self, word: &[Piece], split: bool, fields: &mut Fields) -> Result<(), Outside> {
        for piece in word {
            match piece {
                Piece::Text { text, quoted } if *quoted || !split => fields.text(text.as_bytes()),
                Piece::Text { text, .. } => fields.split(text.as_bytes())?,
                Piece::Variable {
                    name,
                    quoted,
                    alternative,
                } => self.variable(name, *quoted, alternative.as_ref(), fields)?,
            }
        }
        Ok(())
    }

    fn variable(
        &self,
        name: &str,
        quoted: bool,
        alternative: Option<&Alternative>,
        fields: &mut Fields,
    ) -> Result<(), Outside> {
        let value = (self.variable)(name);
        if value.is_none() && reserved::has_default(name) {
            return Err(Outside::ShellVariable {
                name: name.to_owned(),
            });
        }
        let Some(Alternative {
            operator,
            or_empty,
            word,
        }) = alternative
        else {
            return fields.value(&value.unwrap_or_default(), quoted);
        };
        let is_set = value
            .as_ref()
            .is_some_and(|value| !or_empty || !value.is_empty());
        match (operator, is_set) {
            (Operator::Default, false) | (Operator::Replacement, true) => {
                self.expand(word, !quoted, fields)
            }
            (Operator::Replacement, false) => Ok(()),
            (Operator::Default | Operator::Required, true) => {
                fields.value(&value.unwrap_or_default(), quoted)
            }
            (Operator::Required, false) => Err(Outside::Unset {
                name: name.to_owned(),
                message: self.message(word)?,
            }),
        }
    }

    fn message(&self, word: &[Piece]) -> Result<String, Outside> {
        let mut fields = Fields::default();
        self.expand(word, false, &mut fields)?;
        fields.close();
        Ok(String::from_utf8_lossy(&fields.closed.concat()).into_owned())
    }
}

/// The fields so far, and the one that is being filled.
#[derive(Default)]
struct Fields {
    closed: Vec<Vec<u8>>,
    open: Option<Vec<u8>>,
}

impl Fields {
    fn text(&mut self, text: &[u8]) {
        self.open.get_or_insert_default().extend_from_slice(text);
    }

    fn value(&mut self, value: &[u8], quoted: bool) -> Result<(), Outside> {
        if quoted {
            self.text(value);
            Ok(())
        } else {
            self.split(value)
        }
    }

    /// Splits at blanks, the default of `IFS`, which no shell takes from the environment.
    fn split(&mut self, value: &[u8]) -> Result<(), Outside> {
        for &byte in value {
            match byte {
                b' ' | b'\t' | b'\n' => self.close(),
                b'*' | b'?' | b'[' | b'\\' => {
                    return Err(Outside::Pattern {
                        character: byte.into(),
                    });
                }
                other => self.text(&[other]),
            }
        }
        Ok(())
    }

    fn close(&mut self) {
        self.closed.extend(self.open.take());
    }
}
