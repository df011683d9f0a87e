//! What can be wrong in a word.

use std::ops::Range;

use crate::diagnostic::Diagnostic;
use crate::dockerfile::Word;

/// A word that cannot be expanded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct Mistake {
    /// What is wrong.
    pub problem: Problem,
    /// Bytes of the text that was given.
    pub span: Range<usize>,
}

/// What is wrong in a word.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// A quote without its partner.
    #[error("the quote {quote} is not closed")]
    Quote {
        /// Which.
        quote: char,
    },
    /// `${v` without its end.
    #[error("\"${{\" without \"}}\"")]
    Brace,
    /// `${v/p` without the second slash.
    #[error("\"${{{name}/\" without a second \"/\"")]
    Slash {
        /// The variable.
        name: String,
    },
    /// `${}`, `${{`, `${:`.
    #[error("\"${{\" without the name of a variable")]
    Nameless,
    /// Something that means nothing after the name.
    #[error("unknown substitution {modifier:?} in \"${{{name}...}}\"")]
    Modifier {
        /// The variable.
        name: String,
        /// What was found.
        modifier: String,
    },
    /// `${v?message}`, and `v` is not set.
    #[error("{name}: {message}")]
    Required {
        /// The variable.
        name: String,
        /// The user's message, or that it is not set, or that it is empty.
        message: String,
    },
    /// A backslash before something that needs none.
    #[error("the pattern \"{pattern}\" has a backslash before something other than * ? \\ }} /")]
    Pattern {
        /// The pattern.
        pattern: String,
    },
    /// Words in words in words.
    #[error("substitutions are nested more than {limit} deep")]
    Deep {
        /// How deep they may be.
        limit: usize,
    },
    /// The result is unreasonably long.
    #[error("the text is longer than {limit} bytes once its variables are filled in")]
    Long {
        /// How long it may be.
        limit: usize,
    },
}

impl Mistake {
    /// What to do about it, if we know.
    pub fn help(&self) -> Option<String> {
        Some(match &self.problem {
            Problem::Quote { quote } => {
                format!("close it, or write \\{quote} for the character itself")
            }
            Problem::Brace | Problem::Slash { .. } => {
                "close it, or write \\$ for the character itself".to_owned()
            }
            Problem::Nameless => "write \\$ for the character itself".to_owned(),
            Problem::Modifier { .. } => {
                "known substitutions: :- - :+ + :? ? # ## % %% / //".to_owned()
            }
            Problem::Required { name, .. } => {
                format!("set it, e.g. with --build-arg {name}=VALUE")
            }
            Problem::Pattern { .. } => "write \\\\ for a backslash".to_owned(),
            Problem::Deep { .. } | Problem::Long { .. } => return None,
        })
    }

    /// The mistake in `word` of a Dockerfile. Underlines the part that is wrong if the word stands on one line as it is,
    /// all of the word otherwise.
    pub fn diagnostic(&self, word: &Word) -> Diagnostic {
        let whole = word.span.clone();
        let span = if word.text.len() == whole.len() {
            whole.start + self.span.start..whole.start + self.span.end
        } else {
            whole
        };
        Diagnostic {
            message: self.problem.to_string(),
            span,
            label: String::new(),
            help: self.help(),
        }
    }
}
