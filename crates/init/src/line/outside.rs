//! Why a line is outside the native subset.

use std::fmt;

/// What only a shell can do, or what may differ between shells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outside {
    /// An operator: more than one command, a redirection, a subshell.
    Operator {
        /// Its first character.
        operator: char,
    },
    /// Command or arithmetic substitution.
    Substitution,
    /// A pattern for file names, in the line or in the value of a variable outside quotes.
    Pattern {
        /// The character that makes it one.
        character: char,
    },
    /// `~` for a home folder.
    Tilde,
    /// `{` or `}` outside `${}`.
    Brace,
    /// A comment.
    Comment,
    /// An assignment before the command.
    Assignment,
    /// `$1`, `$@`, `$?`, `$'...'` and the like.
    Special {
        /// The character after the dollar sign.
        character: char,
    },
    /// `${NAME...}` with an operator other than `-`, `+`, `?`.
    Expansion,
    /// A variable that the shell sets itself.
    ShellVariable {
        /// Its name.
        name: String,
    },
    /// A word of the shell's grammar, such as `if`.
    ReservedWord {
        /// The word.
        word: String,
    },
    /// A command that is part of the shell, such as `cd`.
    Builtin {
        /// Its name.
        name: String,
    },
    /// A program, where only assignments are expected.
    Program {
        /// The word that stands there.
        name: String,
    },
    /// A quote, a brace or a backslash without its end.
    Unfinished,
    /// More nested `${}` than anybody writes.
    TooDeep,
    /// `${NAME?message}`, and it is not set.
    Unset {
        /// The variable.
        name: String,
        /// The message.
        message: String,
    },
    /// Nothing is left to run.
    Nothing,
}

impl fmt::Display for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operator { operator } => write!(f, "the operator {operator:?}"),
            Self::Substitution => f.write_str("a command substitution"),
            Self::Pattern { character } => write!(f, "a file name pattern with {character:?}"),
            Self::Tilde => f.write_str("a tilde outside quotes"),
            Self::Brace => f.write_str("a brace outside quotes"),
            Self::Comment => f.write_str("a comment"),
            Self::Assignment => f.write_str("an assignment before the command"),
            Self::Special { character } => write!(f, "the expansion ${character}"),
            Self::Expansion => f.write_str(
                "an expansion other than ${NAME}, ${NAME:-word}, ${NAME:+word}, ${NAME:?word}",
            ),
            Self::ShellVariable { name } => write!(f, "the shell's own variable ${name}"),
            Self::ReservedWord { word } => write!(f, "the shell's word {word:?}"),
            Self::Builtin { name } => write!(f, "the shell's command {name:?}"),
            Self::Program { name } => write!(f, "the command {name:?}"),
            Self::Unfinished => f.write_str("a quote, brace or backslash without its end"),
            Self::TooDeep => f.write_str("too many nested braces"),
            Self::Unset { name, message } if message.is_empty() => {
                write!(f, "the variable {name}, which is not set")
            }
            Self::Unset { name, message } => write!(f, "the variable {name}: {message}"),
            Self::Nothing => f.write_str("no command at all"),
        }
    }
}

impl std::error::Error for Outside {}
