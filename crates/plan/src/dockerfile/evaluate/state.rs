//! A stage on its way.

use std::collections::BTreeMap;
use std::ops::Range;

use super::history::COMMENT;
use crate::diagnostic::Diagnostic;
use crate::dockerfile::graph::{Graph, Names, Node};
use crate::dockerfile::{Dockerfile, Instruction, Kind, Op, Variables, Word, expand};
use crate::image::{History, RunConfig};

/// Where programs are looked for if the base does not say it.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What a stage begins with.
#[derive(Clone, Copy)]
pub struct Beginning<'a> {
    /// The Dockerfile.
    pub dockerfile: &'a Dockerfile,
    /// Its graph.
    pub graph: &'a Graph,
    /// Which stage.
    pub node: &'a Node,
    /// `--build-arg`.
    pub arguments: &'a BTreeMap<String, String>,
    /// The configuration of the base; that of [`Finished`] if it is a stage, the default one of `scratch`.
    pub config: &'a RunConfig,
    /// What the base leaves, if it is a stage.
    pub scope: Option<&'a Scope>,
}

/// The variables that a stage leaves to those that start from it: a declared argument stays declared.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// Variables of the environment and arguments that are set.
    pub(super) env: Variables,
    /// Declared arguments in order, with what they were declared with; a name may be there twice.
    pub(super) declared: Vec<(String, Option<String>)>,
}

impl std::fmt::Debug for Scope {
    /// Names only: build arguments may be private.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = self.env.iter().map(|(name, _)| name);
        f.debug_tuple("Scope")
            .field(&names.collect::<Vec<_>>())
            .finish()
    }
}

/// What a stage comes to.
#[derive(Clone, Debug)]
pub struct Finished {
    /// How its image is run.
    pub config: RunConfig,
    /// What was done, the base's history not included; `created` is left to the caller. One entry for each instruction but
    /// `ONBUILD`, triggers included.
    pub history: Vec<History>,
    /// `MAINTAINER`.
    pub author: Option<String>,
    /// What it leaves to stages that start from it.
    pub scope: Scope,
}

/// A stage on its way. Has no `Debug`: build arguments may be private.
#[derive(Clone)]
pub struct State {
    pub(super) escape: char,
    pub(super) stage: usize,
    pub(super) names: Names,
    pub(super) globals: Variables,
    pub(super) arguments: BTreeMap<String, String>,
    pub(super) scope: Scope,
    pub(super) config: RunConfig,
    pub(super) author: Option<String>,
    /// Whether a `CMD` stands in this stage.
    pub(super) has_cmd: bool,
    pub(super) triggers: Vec<String>,
    /// Bytes of the image's name in the `FROM`.
    pub(super) from: Range<usize>,
    /// Instructions taken so far.
    steps: usize,
    history: Vec<History>,
}

impl State {
    /// A stage before its first instruction.
    pub fn begin(beginning: &Beginning<'_>) -> Self {
        let mut config = beginning.config.clone();
        let set = |pair: &String| pair.split('=').next() == Some("PATH");
        if !config.env.iter().any(set) {
            config.env.push(format!("PATH={PATH}"));
        }
        if matches!(beginning.node.base, crate::dockerfile::graph::Base::Scratch) {
            "/".clone_into(&mut config.working_dir);
        } else if !config.working_dir.is_empty() {
            config.working_dir = super::place::folder("/", &config.working_dir);
        }
        let mut scope = beginning.scope.cloned().unwrap_or_default();
        // Of an argument and a variable with one name, the variable goes on.
        for pair in &config.env {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            scope.env.set(name, value);
        }
        Self {
            escape: beginning.dockerfile.directives.escape,
            stage: beginning.node.stage,
            names: beginning.graph.names.clone(),
            globals: beginning.graph.globals.clone(),
            arguments: beginning.arguments.clone(),
            scope,
            author: None,
            has_cmd: false,
            triggers: std::mem::take(&mut config.on_build),
            from: beginning.dockerfile.stages[beginning.node.stage]
                .image
                .span
                .clone(),
            steps: 0,
            config,
            history: Vec::new(),
        }
    }

    /// Takes the next instruction, [triggers](Self::triggers) first: what it does to files is told, what it does to the
    /// configuration is done. After a mistake the state is of no further use.
    ///
    /// # Errors
    /// If a variable cannot be expanded, or the instruction asks for what is not possible.
    pub fn step(&mut self, instruction: &Instruction) -> Result<Op, Vec<Diagnostic>> {
        let is_trigger = self.steps < self.triggers.len();
        self.steps += 1;
        let done = self.take(instruction);
        if is_trigger {
            done.map_err(|mistakes| self.in_trigger(mistakes))
        } else {
            done
        }
    }

    fn take(&mut self, instruction: &Instruction) -> Result<Op, Vec<Diagnostic>> {
        match &instruction.kind {
            Kind::From => {}
            Kind::Run(command) => return self.run(instruction, command),
            Kind::Copy(words) => return self.copy(instruction, words),
            Kind::Add(words) => return self.add(instruction, words),
            Kind::Workdir(path) => return self.workdir(path).map_err(|mistake| vec![mistake]),
            Kind::Env(pairs) => self.env(pairs)?,
            Kind::Arg(pairs) => self.arg(pairs)?,
            Kind::Label(pairs) => self.label(pairs)?,
            Kind::Expose(ports) => self.expose(ports)?,
            Kind::Volume(paths) => self.volume(paths)?,
            Kind::User(user) => self.user(user).map_err(|mistake| vec![mistake])?,
            Kind::StopSignal(signal) => {
                self.stop_signal(signal).map_err(|mistake| vec![mistake])?;
            }
            Kind::Cmd(command) => self.cmd(command),
            Kind::Entrypoint(command) => self.entrypoint(command),
            Kind::Shell(words) => self.shell(words),
            Kind::Healthcheck(command) => self.healthcheck(instruction, command.as_ref())?,
            Kind::OnBuild(trigger) => self.on_build(instruction, trigger),
            Kind::Maintainer(name) => self.maintainer(name),
        }
        Ok(Op::Nothing)
    }

    /// The instruction as people should read it while it is carried out: variables filled in where they are known.
    pub fn title(&self, instruction: &Instruction) -> String {
        let lookup = self.scope.env.lookup();
        let line = instruction.line.as_str();
        let shown = match instruction.kind {
            Kind::Run(_) => expand::shown(line, self.escape, &lookup),
            _ => expand::word(line, self.escape, &lookup),
        };
        let shown = shown.unwrap_or_else(|_| line.to_owned());
        let (keyword, rest) = shown
            .split_once(char::is_whitespace)
            .unwrap_or((&shown, ""));
        let mut title = keyword.to_uppercase();
        if !rest.is_empty() {
            title.push(' ');
            title.push_str(rest);
        }
        title
    }

    /// What the stage comes to.
    pub fn finish(self) -> Finished {
        Finished {
            config: self.config,
            history: self.history,
            author: self.author,
            scope: self.scope,
        }
    }

    /// Expands a word into one.
    pub(super) fn word(&self, word: &Word) -> Result<String, Diagnostic> {
        expand::word(&word.text, self.escape, &self.scope.env.lookup())
            .map_err(|mistake| mistake.diagnostic(word))
    }

    /// The working folder, absolute.
    pub(super) fn cwd(&self) -> &str {
        match self.config.working_dir.as_str() {
            "" => "/",
            folder => folder,
        }
    }

    /// Notes a step.
    pub(super) fn note(&mut self, created_by: String, empty_layer: bool) {
        self.history.push(History {
            created: None,
            created_by: Some(created_by),
            comment: Some(COMMENT.to_owned()),
            empty_layer,
        });
    }
}

/// The results, or all mistakes.
pub(super) fn all<T>(
    results: impl IntoIterator<Item = Result<T, Diagnostic>>,
) -> Result<Vec<T>, Vec<Diagnostic>> {
    let mut done = Vec::new();
    let mut mistakes = Vec::new();
    for result in results {
        match result {
            Ok(result) => done.push(result),
            Err(mistake) => mistakes.push(mistake),
        }
    }
    if mistakes.is_empty() {
        Ok(done)
    } else {
        Err(mistakes)
    }
}

/// A mistake at `word`.
pub(super) fn wrong(word: &Word, message: impl Into<String>, help: &str) -> Diagnostic {
    Diagnostic {
        message: message.into(),
        span: word.span.clone(),
        label: String::new(),
        help: (!help.is_empty()).then(|| help.to_owned()),
    }
}
