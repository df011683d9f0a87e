//! A Dockerfile as it is written: nothing expanded, every part with its place in the text.

use std::ops::Range;

/// A Dockerfile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dockerfile {
    /// The directives at its top.
    pub directives: Directives,
    /// `ARG` before the first `FROM`.
    pub arguments: Vec<Instruction>,
    /// The stages, in order; at least one.
    pub stages: Vec<Stage>,
}

/// Comments at the top that mean something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directives {
    /// `# syntax=`: names a frontend image; noted, never loaded.
    pub syntax: Option<Word>,
    /// `# escape=`: a backslash or a backtick.
    pub escape: char,
    /// `# check=`: which build checks are skipped, and whether one fails the build.
    pub check: Option<Word>,
}

/// A stretch of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// What it says once line continuations and the comments between them are gone; quotes and `$` as written.
    pub text: String,
    /// Its bytes in the Dockerfile.
    pub span: Range<usize>,
}

/// A stage: a `FROM` and what follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// The `FROM`.
    pub from: Instruction,
    /// The image or the earlier stage it starts from, or `scratch`.
    pub image: Word,
    /// `--platform`.
    pub platform: Option<Word>,
    /// `AS name`, as written; names are compared without regard to case.
    pub name: Option<Word>,
    /// The instructions.
    pub instructions: Vec<Instruction>,
}

/// An instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// All of it, from the keyword to the end of its last line, heredocs included.
    pub span: Range<usize>,
    /// Its keyword as written.
    pub keyword: Word,
    /// Keyword and arguments on one line, continuations gone: what the image's history says.
    pub line: String,
    /// `--name` and `--name=value`, in order. The parser refuses names that the instruction does not know.
    pub flags: Vec<Flag>,
    /// The documents that belong to it, in order. Those after `ONBUILD` belong to the instruction in it.
    pub heredocs: Vec<Heredoc>,
    /// What it is.
    pub kind: Kind,
}

/// A flag of an instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// Its name, without dashes.
    pub name: String,
    /// Its value, if it has one. Unlike in other words, quotes and escapes are gone.
    pub value: Option<Word>,
    /// All of it.
    pub span: Range<usize>,
}

/// A document written into the Dockerfile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heredoc {
    /// The word that ends it, without quotes.
    pub name: String,
    /// Whether variables in it are expanded (its name is not quoted).
    pub expand: bool,
    /// Whether leading tabs are dropped (`<<-`).
    pub chomp: bool,
    /// Its lines, each with its newline; tabs dropped already where `chomp` says so, but not after `ONBUILD`, which keeps
    /// what is written for another build to read.
    pub text: String,
    /// The bytes of its lines, without the one that ends it.
    pub span: Range<usize>,
}

/// What an instruction says. Sources of `COPY` and `ADD` that are `<<NAME` name one of [`Instruction::heredocs`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `FROM`; its parts are in [`Stage`].
    From,
    /// `RUN`.
    Run(Command),
    /// `COPY`: sources and, last, the destination.
    Copy(Vec<Word>),
    /// `ADD`: sources and, last, the destination.
    Add(Vec<Word>),
    /// `ENV`.
    Env(Vec<Pair>),
    /// `ARG`; a value is `None` where only the name is declared.
    Arg(Vec<Pair>),
    /// `LABEL`.
    Label(Vec<Pair>),
    /// `EXPOSE`.
    Expose(Vec<Word>),
    /// `USER`.
    User(Word),
    /// `WORKDIR`.
    Workdir(Word),
    /// `VOLUME`.
    Volume(Vec<Word>),
    /// `CMD`.
    Cmd(Command),
    /// `ENTRYPOINT`.
    Entrypoint(Command),
    /// `SHELL`, always in the JSON form.
    Shell(Vec<String>),
    /// `HEALTHCHECK CMD ...`, or `None` for `HEALTHCHECK NONE`.
    Healthcheck(Option<Command>),
    /// `STOPSIGNAL`.
    StopSignal(Word),
    /// `ONBUILD`.
    OnBuild(Box<Instruction>),
    /// `MAINTAINER`.
    Maintainer(Word),
}

/// `NAME=value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The name.
    pub name: Word,
    /// The value, quotes as written. `None` only for `ARG`.
    pub value: Option<Word>,
}

/// A command in one of its two forms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// `["a", "b"]`: run as it is.
    Exec(Vec<String>),
    /// Anything else: handed to the shell. Ends before the heredocs; may be empty or `<<NAME` where a heredoc is all.
    Shell(Word),
}
