//! What an image runs.

use std::ops::Range;

use boatyard_plan::dockerfile::{Command, Instruction, Kind};

use super::{Dockerfile, arguments, exec};

/// What an image runs: the last `ENTRYPOINT` and `CMD`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Start<'d> {
    /// `ENTRYPOINT`.
    pub entrypoint: Option<&'d Instruction>,
    /// `CMD`, unless an `ENTRYPOINT` that came later in another stage took it away.
    pub cmd: Option<&'d Instruction>,
}

/// One word of what an image runs.
pub type Word = (String, Option<Range<usize>>);

/// What an image runs, as words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Program {
    /// All words, `ENTRYPOINT` and then `CMD`; a shell form is one word after those of the shell.
    pub words: Vec<Word>,
}

impl Dockerfile {
    /// What the image runs.
    pub fn start(&self) -> Start<'_> {
        let mut start = Start::default();
        for (_, instruction) in self.made() {
            match instruction.kind {
                Kind::Entrypoint(_) => start.entrypoint = Some(instruction),
                Kind::Cmd(_) => start.cmd = Some(instruction),
                _ => {}
            }
        }
        start
    }

    /// What the image runs, as words. `text` is the file's.
    pub fn program(&self, text: &str) -> Program {
        let start = self.start();
        let mut words = Vec::new();
        for instruction in [start.entrypoint, start.cmd].into_iter().flatten() {
            let joined = arguments(text, instruction, self.escape());
            let (Kind::Entrypoint(command) | Kind::Cmd(command)) = &instruction.kind else {
                continue;
            };
            match command {
                Command::Exec(_) => {
                    words.extend(
                        exec(&joined)
                            .unwrap_or_default()
                            .into_iter()
                            .map(|(word, span)| (word, Some(span))),
                    );
                }
                Command::Shell(word) => {
                    words.extend(
                        self.shell_of(instruction)
                            .into_iter()
                            .map(|word| (word, None)),
                    );
                    words.push((word.text.clone(), Some(word.span.clone())));
                    if matches!(instruction.kind, Kind::Entrypoint(_)) {
                        break;
                    }
                }
            }
        }
        Program { words }
    }
}

/// Programs that are made to be process 1, with the flags of theirs that take a value.
const INITS: [(&str, &[&str]); 7] = [
    ("tini", &["-p", "-e"]),
    ("tini-static", &["-p", "-e"]),
    ("dumb-init", &["-r", "--rewrite"]),
    ("docker-init", &["-p", "-e"]),
    ("catatonit", &[]),
    ("boatyard-init", &["-r", "--target"]),
    ("s6-svscan", &[]),
];

/// The words without an init in front of them and its flags.
pub fn without_init(words: &[String]) -> &[String] {
    let first = words.first().map_or("", String::as_str);
    let name = first.rsplit('/').next().unwrap_or(first);
    let Some((_, valued)) = INITS.iter().find(|(init, _)| *init == name) else {
        return words;
    };
    let mut at = 1;
    while let Some(word) = words.get(at).filter(|word| word.starts_with('-')) {
        at += if valued.contains(&word.as_str()) {
            2
        } else {
            1
        };
        if words.get(at - 1).is_some_and(|word| word == "--") {
            break;
        }
    }
    let rest = &words[at.min(words.len())..];
    match rest {
        // boatyard-init exec -- PROGRAM
        [verb, dashes, program @ ..]
            if name == "boatyard-init" && verb == "exec" && dashes == "--" =>
        {
            program
        }
        _ => rest,
    }
}

impl Program {
    /// Whether a program that is made to be process 1 is the first.
    pub fn has_init(&self) -> bool {
        self.words.first().is_some_and(|(word, _)| {
            let name = word.rsplit('/').next().unwrap_or(word);
            INITS.iter().any(|(init, _)| *init == name) || word == "/init"
        })
    }

    /// The words without inits, `env` and wrappers before the program: `tini -- env A=b gunicorn x` is `gunicorn x`. A script
    /// for a shell is split into the words of its last command.
    pub fn bare(&self) -> Vec<String> {
        let mut words: Vec<String> = self.words.iter().map(|(word, _)| word.clone()).collect();
        loop {
            let Some(first) = words.first() else {
                return words;
            };
            let name = first.rsplit('/').next().unwrap_or(first).to_owned();
            let rest = without_init(&words);
            if rest.len() < words.len() {
                words = rest.to_vec();
            } else if matches!(name.as_str(), "env" | "exec" | "nice" | "ionice") {
                let skip = words
                    .iter()
                    .skip(1)
                    .take_while(|word| word.contains('=') || word.starts_with('-'))
                    .count();
                words.drain(..=skip);
            } else if matches!(name.as_str(), "sh" | "bash" | "ash" | "dash")
                && words
                    .get(1)
                    .is_some_and(|word| word.starts_with('-') && word.ends_with('c'))
                && words.len() > 2
            {
                let script =
                    crate::shell::parse(&crate::shell::Joined::plain(&words[2], 0..words[2].len()));
                let mut last = None;
                crate::shell::simples(&script.items, &mut |simple, context| {
                    if !context.inner && !simple.words.is_empty() {
                        last = Some(
                            simple
                                .words
                                .iter()
                                .map(|word| word.text.clone().unwrap_or_else(|| word.raw.clone()))
                                .collect(),
                        );
                    }
                });
                match last {
                    Some(last) if words != last => words = last,
                    _ => return words,
                }
            } else {
                return words;
            }
        }
    }

    /// The name of the program that does the work: `gunicorn` also for `python -m gunicorn` and `uv run gunicorn`.
    pub fn name(&self) -> String {
        let words = self.bare();
        let name = |at: usize| {
            let word: &str = words.get(at).map_or("", String::as_str);
            word.rsplit('/').next().unwrap_or(word).to_owned()
        };
        match (name(0).as_str(), name(1).as_str()) {
            (python, "-m") if python.starts_with("python") => name(2),
            ("uv" | "poetry" | "pipenv" | "pdm", "run") | ("bundle", "exec") => name(2),
            _ => name(0),
        }
    }
}
