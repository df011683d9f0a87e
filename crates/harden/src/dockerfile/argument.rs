//! The arguments of instructions, with places finer than the language model keeps.

use std::ops::Range;

use boatyard_plan::diagnostic::Diagnostic;
use boatyard_plan::dockerfile::{self as language, Command, Instruction, Kind, Stage};

use super::{Dockerfile, Placed, Read};
use crate::shell::{self, Joined, Script};

impl Dockerfile {
    /// Reads a Dockerfile; what cannot be read is left out and told.
    pub fn read(text: &str) -> Read {
        let (file, mistakes) = language::parse_recoverable(text);
        let mut dockerfile = Self {
            file,
            scripts: std::collections::BTreeMap::new(),
        };
        let mut scripts = Vec::new();
        for (stage, instruction) in dockerfile.instructions() {
            if dockerfile.is_posix(stage, instruction) {
                scripts.push((
                    instruction.span.start,
                    read_scripts(text, instruction, dockerfile.escape()),
                ));
            }
        }
        dockerfile.scripts.extend(scripts);
        let _: &Vec<Diagnostic> = &mistakes;
        (dockerfile, mistakes)
    }

    /// The character that continues lines.
    pub fn escape(&self) -> char {
        self.file.directives.escape
    }

    /// All instructions in stages, `FROM` left out.
    pub fn instructions(&self) -> impl Iterator<Item = Placed<'_>> {
        self.file.stages.iter().flat_map(|stage| {
            stage
                .instructions
                .iter()
                .map(move |instruction| (stage, instruction))
        })
    }

    /// The scripts of `instruction`: its line, or the documents that it runs.
    pub fn scripts(&self, instruction: &Instruction) -> &[Script] {
        self.scripts
            .get(&instruction.span.start)
            .map_or(&[], Vec::as_slice)
    }

    /// All `RUN` instructions with their scripts.
    pub fn runs(&self) -> impl Iterator<Item = (&Stage, &Instruction, &Script)> {
        self.instructions()
            .filter(|(_, instruction)| matches!(instruction.kind, Kind::Run(_)))
            .flat_map(|(stage, instruction)| {
                self.scripts(instruction)
                    .iter()
                    .map(move |script| (stage, instruction, script))
            })
    }

    /// The index of the stage that begins where `stage` does.
    pub fn index(&self, stage: &Stage) -> usize {
        let start = stage.from.span.start;
        self.file
            .stages
            .iter()
            .position(|one| one.from.span.start == start)
            .unwrap_or(0)
    }

    /// The stage that `index` starts from, if it is one of this file.
    pub fn parent(&self, index: usize) -> Option<usize> {
        let image = &self.file.stages.get(index)?.image.text;
        self.file.stages[..index].iter().rposition(|stage| {
            stage
                .name
                .as_ref()
                .is_some_and(|name| name.text.eq_ignore_ascii_case(image))
        })
    }

    /// The stages whose instructions are in the image, the first one first.
    pub fn chain(&self) -> Vec<&Stage> {
        let mut chain = Vec::new();
        let mut next = self.file.stages.len().checked_sub(1);
        while let Some(index) = next {
            chain.push(&self.file.stages[index]);
            next = self.parent(index);
        }
        chain.reverse();
        chain
    }

    /// The instructions that made the image, in order.
    pub fn made(&self) -> impl Iterator<Item = Placed<'_>> {
        self.chain().into_iter().flat_map(|stage| {
            stage
                .instructions
                .iter()
                .map(move |instruction| (stage, instruction))
        })
    }

    /// Whether `stage` leads to the image.
    pub fn is_kept(&self, stage: &Stage) -> bool {
        self.chain()
            .iter()
            .any(|one| one.from.span.start == stage.from.span.start)
    }

    /// The `SHELL` that `instruction` is run by, if one is set.
    pub fn shell<'d>(
        &'d self,
        stage: &'d Stage,
        instruction: &Instruction,
    ) -> Option<&'d [String]> {
        let before = |one: &&Instruction| one.span.start < instruction.span.start;
        let own = stage.instructions.iter().filter(before);
        let mut found = own.rev().find_map(shell_of);
        let mut next = self.parent(self.index(stage));
        while let (None, Some(index)) = (found, next) {
            found = self.file.stages[index]
                .instructions
                .iter()
                .rev()
                .find_map(shell_of);
            next = self.parent(index);
        }
        found
    }

    /// The words before the line of an instruction in the shell form: those of `SHELL`, else the usual ones.
    pub fn shell_of(&self, instruction: &Instruction) -> Vec<String> {
        let usual = || ["/bin/sh", "-c"].map(str::to_owned).to_vec();
        let mut made = self.made();
        made.find(|(_, one)| one.span == instruction.span)
            .and_then(|(stage, _)| self.shell(stage, instruction))
            .map_or_else(usual, <[String]>::to_vec)
    }

    /// Whether `instruction` is run by a shell that we read.
    fn is_posix(&self, stage: &Stage, instruction: &Instruction) -> bool {
        self.shell(stage, instruction)
            .map_or(self.escape() == '\\', |words| {
                words.first().is_some_and(|word| {
                    matches!(
                        word.rsplit('/').next(),
                        Some("sh" | "bash" | "dash" | "ash" | "ksh" | "zsh")
                    )
                })
            })
    }
}

fn shell_of(instruction: &Instruction) -> Option<&[String]> {
    match &instruction.kind {
        Kind::Shell(words) => Some(words),
        _ => None,
    }
}

fn read_scripts(text: &str, instruction: &Instruction, escape: char) -> Vec<Script> {
    let (Kind::Run(Command::Shell(word))
    | Kind::Cmd(Command::Shell(word))
    | Kind::Entrypoint(Command::Shell(word))) = &instruction.kind
    else {
        return Vec::new();
    };
    // `RUN <<EOF`: the document is the script, unless its first line names another interpreter.
    if word.text.starts_with("<<") && !instruction.heredocs.is_empty() {
        return instruction
            .heredocs
            .iter()
            .filter(|heredoc| {
                !heredoc.text.starts_with("#!")
                    || heredoc
                        .text
                        .lines()
                        .next()
                        .is_some_and(|line| line.ends_with("sh"))
            })
            .map(|heredoc| {
                shell::parse(&if heredoc.chomp {
                    Joined::chomped(text, heredoc.span.clone())
                } else {
                    Joined::plain(text, heredoc.span.clone())
                })
            })
            .collect();
    }
    let mut script = shell::parse(&Joined::instruction(text, word.span.clone(), escape));
    if !instruction.heredocs.is_empty() {
        // The documents come after the line; the shell gets both.
        script.mistakes.clear();
    }
    vec![script]
}

/// What comes after the keyword and the flags of `instruction`, documents left out.
pub fn arguments(text: &str, instruction: &Instruction, escape: char) -> Joined {
    let after = instruction
        .flags
        .last()
        .map_or(instruction.keyword.span.end, |flag| flag.span.end);
    let whole = Joined::instruction(text, after..instruction.span.end, escape);
    let start = whole.text.len() - whole.text.trim_start().len();
    let end = whole.text.trim_end().len().max(start);
    whole.sub(start..end)
}

/// The strings of a JSON array: what each says, and where it stands, quotes included.
pub fn exec(arguments: &Joined) -> Option<Vec<(String, Range<usize>)>> {
    let text = &arguments.text;
    serde_json::from_str::<Vec<String>>(text).ok().map(|said| {
        let mut places = Vec::new();
        let mut start = None;
        let mut escaped = false;
        for (at, c) in text.char_indices() {
            match start {
                None if c == '"' => start = Some(at),
                Some(_) if escaped => escaped = false,
                Some(_) if c == '\\' => escaped = true,
                Some(first) if c == '"' => {
                    places.push(arguments.span(first..at + 1));
                    start = None;
                }
                _ => {}
            }
        }
        said.into_iter().zip(places).collect()
    })
}
