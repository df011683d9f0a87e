//! A parsed word.

/// A part of a word. A word is a list of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Text as it stands.
    Text {
        /// The text, quotes removed.
        text: String,
        /// Whether it was quoted, and so makes a field even if it is empty.
        quoted: bool,
    },
    /// The value of a variable.
    Variable {
        /// Its name.
        name: String,
        /// Whether it was inside double quotes, and so is not split into fields.
        quoted: bool,
        /// What is done if it is set or not.
        alternative: Option<Alternative>,
    },
}

/// `-word`, `:-word` and the like in `${NAME:-word}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alternative {
    /// What is done.
    pub operator: Operator,
    /// Whether an empty value counts as not set (`:`).
    pub or_empty: bool,
    /// The word.
    pub word: Vec<Piece>,
}

/// What is done with the word of an [`Alternative`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `-`: it stands for a variable that is not set.
    Default,
    /// `+`: it stands for a variable that is set.
    Replacement,
    /// `?`: it is the message if the variable is not set.
    Required,
}
