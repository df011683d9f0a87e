//! Instructions of a Dockerfile, one by one: what of each a boatyard.toml can say.

use super::install::commands;
use super::sketch::{Role, Sketch, is_blank, is_variable};
use super::source::line_of;
use crate::dockerfile::{Command, Instruction, Kind, Word};
use crate::run::Probe;

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
                    if value.contains('$') || !is_variable(name) {
                        let what = format!("ENV {name}={value}");
                        self.leave(instruction, &what, "write its value into image.env");
                    } else {
                        let value = value.trim_matches(['"', '\'']);
                        sketch.env.insert(name.clone(), value.to_owned());
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
            Kind::Healthcheck(Some(command)) => match url(&shown(command)) {
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

    /// Gives the sketch the role, and what is not carried over.
    pub(super) fn give(self, sketch: &mut Sketch) {
        let parts = [self.entry.as_ref(), self.command.as_ref()];
        let parts: Vec<String> = parts.into_iter().flatten().map(shown).collect();
        let command = parts.join(" ");
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
                    ready: self.ready,
                    stop: self.stop,
                });
            }
        }
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

/// A command as a line for a shell.
fn shown(command: &Command) -> String {
    match command {
        Command::Shell(line) => line.text.clone(),
        Command::Exec(words) => match words.as_slice() {
            [shell, flag, line]
                if flag == "-c" && matches!(shell.rsplit('/').next(), Some("sh" | "bash")) =>
            {
                line.clone()
            }
            words => {
                let words: Vec<String> = words.iter().map(|word| word_of_shell(word)).collect();
                words.join(" ")
            }
        },
    }
}

/// A word as a shell reads it back.
fn word_of_shell(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=,@%+".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// The address on this container that a health check asks, as `ready` has it.
fn url(line: &str) -> Option<String> {
    let (_, rest) = line.split_once("http://")?;
    let end = rest
        .find(|c: char| c.is_whitespace() || "'\"|;)".contains(c))
        .unwrap_or(rest.len());
    let address = &rest[..end];
    let hosts = ["localhost", "127.0.0.1", "0.0.0.0"];
    let rest = hosts.iter().find_map(|host| address.strip_prefix(host))?;
    let url = if rest.starts_with(':') {
        format!("http://{rest}")
    } else {
        format!("http://:80{rest}")
    };
    let is_plain = url.chars().all(|c| !c.is_control() && c != '$');
    (is_plain && Probe::parse(&url, None).is_ok()).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn health_checks() {
        for (line, expected) in [
            (
                "curl -f http://localhost:8000/up || exit 1",
                Some("http://:8000/up"),
            ),
            ("wget -q -O- 'http://127.0.0.1/'", Some("http://:80/")),
            ("curl http://localhost:$PORT/", None),
            ("curl http://db:80/", None),
            ("test -e /tmp/ready", None),
        ] {
            assert_eq!(url(line).as_deref(), expected, "{line}");
        }
        let words = ["sh", "-c", "a $B"].map(str::to_owned).to_vec();
        assert_eq!(shown(&Command::Exec(words)), "a $B");
        let words = ["a", "b c", "it's"].map(str::to_owned).to_vec();
        assert_eq!(shown(&Command::Exec(words)), "a 'b c' 'it'\\''s'");
    }
}
