//! Instructions of a Dockerfile, one by one: what of each a boatyard.toml can say.

use super::install::commands;
use super::line::{joined, url};
use super::sketch::{GIVEN_LATER, Role, Sketch, is_blank, is_variable};
use super::source::line_of;
use crate::dockerfile::{Command, Instruction, Kind, Word};
use crate::secret::is_secret;

/// Variables that images here have anyway, or that steer installers.
const OWN: [&str; 4] = [
    "PATH",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONUNBUFFERED",
    "VIRTUAL_ENV",
];

/// Signals that a role can be stopped with.
const STOPS: [&str; 7] = ["HUP", "INT", "KILL", "QUIT", "TERM", "USR1", "WINCH"];

/// How the application is run, as far as instructions have said.
#[derive(Debug)]
pub(super) struct Taken<'a> {
    /// The Dockerfile's name.
    pub file: &'a str,
    /// Its text.
    pub text: &'a str,
    entry: Option<Command>,
    command: Option<Command>,
    port: Option<u16>,
    ready: Option<String>,
    stop: Option<String>,
    left: Vec<(usize, String, String)>,
}

impl<'a> Taken<'a> {
    /// Nothing yet.
    pub(super) fn new(file: &'a str, text: &'a str) -> Self {
        Self {
            file,
            text,
            entry: None,
            command: None,
            port: None,
            ready: None,
            stop: None,
            left: Vec::new(),
        }
    }

    /// An instruction of the stage that becomes the image.
    pub(super) fn last_stage(&mut self, instruction: &Instruction, sketch: &mut Sketch) {
        match &instruction.kind {
            Kind::Run(Command::Shell(line)) => {
                let installed = commands(&line.text);
                for name in installed.packages {
                    let set = if name.ends_with("-dev") {
                        &mut sketch.build_packages
                    } else {
                        &mut sketch.packages
                    };
                    if set.insert(name.clone()) {
                        sketch.found(self.file, format!("package {name}"));
                    }
                }
                for other in installed.others {
                    self.leave(
                        instruction,
                        &format!("RUN {other}"),
                        "a job, a base made by a Dockerfile, or nothing: a build here does not run commands",
                    );
                }
            }
            Kind::Run(Command::Exec(words)) => {
                self.leave(
                    instruction,
                    &format!("RUN {}", words.join(" ")),
                    "a build here does not run commands",
                );
            }
            Kind::Env(pairs) => {
                for pair in pairs {
                    let (name, value) = (&pair.name.text, pair.value.as_ref());
                    let value = value.map_or("", |value| value.text.as_str());
                    let is_own = OWN.contains(&name.as_str())
                        || ["PIP_", "POETRY_", "UV_"]
                            .iter()
                            .any(|prefix| name.starts_with(prefix));
                    if is_own {
                        continue;
                    }
                    let plain = value.trim_matches(['"', '\'']);
                    if is_secret(name, plain) {
                        let what = format!("ENV {name} looks like a secret");
                        self.leave(instruction, &what, GIVEN_LATER);
                    } else if value.contains('$') || !is_variable(name) {
                        let what = format!("ENV {name}={value}");
                        self.leave(instruction, &what, "write its value into image.env");
                    } else {
                        sketch.env.insert(name.clone(), plain.to_owned());
                        sketch.found(self.file, format!("variable {name}"));
                    }
                }
            }
            Kind::Copy(words) | Kind::Add(words) => {
                let is_from = instruction.flags.iter().any(|flag| flag.name == "from");
                let is_remote = words.iter().any(|word| word.text.contains("://"));
                if is_remote || (is_from && !is_environment(words)) {
                    self.leave(
                        instruction,
                        &instruction.line.clone(),
                        "a base made by a Dockerfile can have it: base = { dockerfile = \"...\" }",
                    );
                }
            }
            Kind::Volume(_) | Kind::Shell(_) | Kind::OnBuild(_) => {
                let line = instruction.line.clone();
                self.leave(instruction, &line, "images of a project have no such thing");
            }
            Kind::Label(_) => {
                let line = instruction.line.clone();
                self.leave(
                    instruction,
                    &line,
                    "say it at the build: boatyard build --label",
                );
            }
            Kind::Workdir(word) => workdir(word, sketch),
            Kind::From | Kind::Arg(_) | Kind::User(_) | Kind::Maintainer(_) => {}
            Kind::Cmd(_)
            | Kind::Entrypoint(_)
            | Kind::Expose(_)
            | Kind::Healthcheck(_)
            | Kind::StopSignal(_) => self.run(instruction),
        }
    }

    /// An instruction of a stage that builds: its packages are those that building needs.
    pub(super) fn earlier_stage(&mut self, instruction: &Instruction, sketch: &mut Sketch) {
        if let Kind::Run(Command::Shell(line)) = &instruction.kind {
            let installed = commands(&line.text);
            sketch.build_packages.extend(installed.packages);
            for other in installed.others {
                self.leave(
                    instruction,
                    &format!("RUN {other}"),
                    "what it makes is not in the image: make it before the build, or in a base made by a Dockerfile",
                );
            }
        }
    }

    /// An instruction about how the image is run.
    pub(super) fn run(&mut self, instruction: &Instruction) {
        match &instruction.kind {
            Kind::Cmd(command) => self.command = Some(command.clone()),
            Kind::Entrypoint(command) => self.entry = Some(command.clone()),
            Kind::Expose(words) => {
                let port = words.iter().find_map(|word| word.text.split('/').next()?.parse().ok());
                self.port = port.or(self.port);
            }
            Kind::StopSignal(word) => {
                let signal = word.text.trim_start_matches("SIG");
                if STOPS.contains(&signal) {
                    self.stop = Some(signal.to_owned());
                } else {
                    let line = instruction.line.clone();
                    self.leave(instruction, &line, "name the signal in the role: stop = { signal = \"TERM\" }");
                }
            }
            Kind::Healthcheck(Some(command)) => match url(&joined(None, Some(command))) {
                Some(url) => self.ready = Some(url),
                None => self.leave(
                    instruction,
                    &instruction.line.clone(),
                    "say in the role how to ask it: ready = \"http://:PORT/PATH\", \"tcp://:PORT\" or a command",
                ),
            },
            _ => {}
        }
    }

    /// What runs if `entry` takes the place of the entry point and of the command, and `command` that of the command.
    pub(super) fn command(&self, entry: Option<&[String]>, command: Option<&[String]>) -> String {
        let exec = |words: &[String]| Command::Exec(words.to_vec());
        let (entry, command) = match (entry.map(exec), command.map(exec)) {
            (Some(entry), command) => (Some(entry), command),
            (None, command) => (self.entry.clone(), command.or_else(|| self.command.clone())),
        };
        joined(entry.as_ref(), command.as_ref())
    }

    /// Fills in what a role that runs the image says nothing about.
    pub(super) fn complete(&self, role: &mut Role) {
        role.port = role.port.or(self.port);
        role.stop = role.stop.take().or_else(|| self.stop.clone());
        // A check of another port is one of another process.
        let fits = |ready: &&String| {
            let own = format!("http://:{}", role.port.unwrap_or_default());
            let path = ready.strip_prefix(&own);
            role.port.is_none() || path.is_some_and(|path| path.is_empty() || path.starts_with('/'))
        };
        let ready = self.ready.as_ref().filter(fits).cloned();
        role.ready = role.ready.take().or(ready);
    }

    /// Gives the sketch the role, and what is not carried over.
    pub(super) fn give(self, sketch: &mut Sketch) {
        let command = joined(self.entry.as_ref(), self.command.as_ref());
        if !is_blank(&command) {
            if sketch.has_role("web") {
                sketch.left(
                    self.file,
                    None,
                    format!("its command: {command}"),
                    "the role web has a command already, from another file",
                );
            } else {
                sketch.found(self.file, format!("role web: {command}"));
                sketch.roles.push(Role {
                    name: "web".to_owned(),
                    command,
                    port: self.port,
                    ready: self.ready.clone(),
                    stop: self.stop.clone(),
                    ..Role::default()
                });
            }
        }
        self.give_left(sketch);
    }

    /// Gives the sketch what is not carried over.
    pub(super) fn give_left(self, sketch: &mut Sketch) {
        for (line, what, help) in self.left {
            sketch.left(self.file, Some(line), what, help);
        }
    }

    fn leave(&mut self, instruction: &Instruction, what: &str, help: &str) {
        let line = line(self.text, instruction);
        self.left.push((line, what.to_owned(), help.to_owned()));
    }
}

/// Takes a working folder over, if it is a plain one.
pub(super) fn workdir(word: &Word, sketch: &mut Sketch) {
    let path = word.text.trim_end_matches('/');
    let is_plain = path.starts_with('/')
        && path
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "/_-.".contains(c))
        && !path.split('/').any(|part| matches!(part, "." | ".."));
    if is_plain && path != "/app" {
        sketch.workdir = Some(path.to_owned());
    }
}

/// The line of an instruction, from 1.
pub(super) fn line(text: &str, instruction: &Instruction) -> usize {
    line_of(text, instruction.span.start)
}

/// Whether a copy from another stage brings the Python environment, which a build here makes.
fn is_environment(words: &[Word]) -> bool {
    words.iter().any(|word| {
        let path = word.text.as_str();
        [
            "venv",
            "site-packages",
            "wheels",
            "/usr/local/bin",
            "/.local",
            "/uv",
        ]
        .iter()
        .any(|part| path.contains(part))
    })
}
