//! A script as it is written. Spans are bytes of the file that it stands in.

use std::ops::Range;

/// A script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// Its commands.
    pub items: List,
    /// Its comments, from `#` to the end of the line.
    pub comments: Vec<Range<usize>>,
    /// What could not be read.
    pub mistakes: Vec<Mistake>,
}

/// A place that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// What is wrong.
    pub message: &'static str,
    /// Where.
    pub span: Range<usize>,
}

/// Commands one after the other.
pub type List = Vec<Item>;

/// `a && b || c`, ended by `;`, `&` or a newline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The first command.
    pub first: Pipeline,
    /// Those that depend on how it ends.
    pub rest: Vec<AndOr>,
    /// Where `&` stands, if it runs in the background.
    pub background: Option<Range<usize>>,
    /// All of it.
    pub span: Range<usize>,
}

/// How a command depends on the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// `&&`
    And,
    /// `||`
    Or,
}

/// `&& command`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AndOr {
    /// How.
    pub link: Link,
    /// On what.
    pub pipeline: Pipeline,
}

/// `a | b`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pipeline {
    /// At least one.
    pub commands: Vec<Command>,
    /// Where the pipes stand: one less than there are commands.
    pub pipes: Vec<Range<usize>>,
    /// Whether `!` stands before it.
    pub negated: bool,
    /// All of it.
    pub span: Range<usize>,
}

/// One command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Words.
    Simple(Simple),
    /// `if`: conditions with what they lead to, then what `else` leads to.
    If {
        /// `if` and every `elif`.
        branches: Vec<(List, List)>,
        /// `else`.
        otherwise: Option<List>,
        /// All of it.
        span: Range<usize>,
    },
    /// `case`.
    Case {
        /// What is compared.
        subject: Word,
        /// What it is compared with.
        arms: Vec<Arm>,
        /// Where `esac` stands.
        end: Range<usize>,
        /// All of it.
        span: Range<usize>,
    },
    /// `while`, `until`, `for`, `select`.
    Loop {
        /// The condition; empty for `for` and `select`.
        condition: List,
        /// What is done.
        body: List,
        /// All of it.
        span: Range<usize>,
    },
    /// `{ ...; }`, or a function's body.
    Group(List, Range<usize>),
    /// `( ... )`
    Subshell(List, Range<usize>),
    /// `name() command`
    Function {
        /// Its name.
        name: String,
        /// What it does.
        body: Box<Command>,
        /// All of it.
        span: Range<usize>,
    },
    /// `[[ ... ]]` and `(( ... ))`
    Test(Range<usize>),
}

impl Command {
    /// All of it.
    pub fn span(&self) -> &Range<usize> {
        match self {
            Self::Simple(simple) => &simple.span,
            Self::If { span, .. }
            | Self::Case { span, .. }
            | Self::Loop { span, .. }
            | Self::Group(_, span)
            | Self::Subshell(_, span)
            | Self::Function { span, .. }
            | Self::Test(span) => span,
        }
    }
}

/// One way of a `case`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arm {
    /// The patterns.
    pub patterns: Vec<Word>,
    /// What is done.
    pub body: List,
    /// From the first pattern to the end of what is done.
    pub span: Range<usize>,
}

/// Words, with what is assigned before them and where input and output go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Simple {
    /// `NAME=value` before the words.
    pub assignments: Vec<Assignment>,
    /// The words; none if there are only assignments or redirections.
    pub words: Vec<Word>,
    /// `> file`, `<< EOF`.
    pub redirects: Vec<Redirect>,
    /// All of it.
    pub span: Range<usize>,
}

impl Simple {
    /// The name of the program or builtin, without folders, if it is written out.
    pub fn program(&self) -> Option<&str> {
        let text = self.words.first()?.text.as_deref()?;
        Some(text.rsplit('/').next().unwrap_or(text))
    }

    /// What the word at `index` says, if it is written out.
    pub fn word(&self, index: usize) -> Option<&str> {
        self.words.get(index)?.text.as_deref()
    }

    /// Whether a word after the first is `word`.
    pub fn has(&self, word: &str) -> bool {
        self.words
            .iter()
            .skip(1)
            .any(|one| one.text.as_deref() == Some(word))
    }

    /// Whether it has the short flag `letter`, alone or among others, or the long flag `--long`.
    pub fn flag(&self, letter: char, long: &str) -> bool {
        self.words
            .iter()
            .skip(1)
            .filter_map(|word| word.text.as_deref())
            .any(|text| {
                if let Some(rest) = text.strip_prefix("--") {
                    !long.is_empty() && rest.split('=').next() == Some(long)
                } else {
                    text.strip_prefix('-')
                        .is_some_and(|rest| rest.contains(letter))
                }
            })
    }
}

/// `NAME=value`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The name.
    pub name: String,
    /// The value.
    pub value: Word,
    /// All of it.
    pub span: Range<usize>,
}

/// `> file`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// `>`, `>>`, `<<`, `2>`...
    pub operator: String,
    /// Where to.
    pub target: Word,
    /// All of it, without the document of a `<<`.
    pub span: Range<usize>,
}

/// A word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// As it is written, continuations gone.
    pub raw: String,
    /// What it says, if nothing in it is expanded.
    pub text: Option<String>,
    /// The variables in it.
    pub variables: Vec<Variable>,
    /// The commands in it: `$(...)` and backticks.
    pub commands: Vec<List>,
    /// Where it stands.
    pub span: Range<usize>,
}

/// `$NAME`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// The name.
    pub name: String,
    /// Whether double quotes are around it.
    pub quoted: bool,
    /// What comes after the name in braces: `:-8080`.
    pub rest: String,
    /// Where it stands.
    pub span: Range<usize>,
}
