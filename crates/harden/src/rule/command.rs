//! What rules about commands share: which word does what.

use std::ops::Range;

use crate::shell::{Command, Item, List, Script, Simple, simples};

/// Words that the shell itself does: `exec` cannot run them.
pub(super) const BUILTINS: [&str; 38] = [
    ".", ":", "[", "alias", "bg", "break", "builtin", "cd", "command", "continue", "declare",
    "eval", "exec", "exit", "export", "false", "fg", "getopts", "hash", "jobs", "kill", "local",
    "printf", "pwd", "read", "readonly", "return", "set", "shift", "source", "test", "times",
    "trap", "true", "type", "ulimit", "umask", "wait",
];

/// All simple commands of `script`.
pub(super) fn all(script: &Script) -> Vec<&Simple> {
    let mut found = Vec::new();
    simples(&script.items, &mut |simple, _| found.push(simple));
    found
}

/// The command that a list ends with, if what runs last is a simple command in the foreground.
pub(super) fn last(list: &List) -> Option<&Simple> {
    let Item {
        first,
        rest,
        background: None,
        ..
    } = list.last()?
    else {
        return None;
    };
    let pipeline = rest.last().map_or(first, |next| &next.pipeline);
    match &pipeline.commands[..] {
        [Command::Simple(simple)] if !pipeline.negated => Some(simple),
        _ => None,
    }
}

/// Where `exec ` goes to hand the process over to `simple`; `None` if that is no program, or done already.
pub(super) fn exec_place(simple: &Simple) -> Option<usize> {
    let word = simple.words.first()?;
    let name = simple.program();
    if name.is_some_and(|name| BUILTINS.contains(&name)) {
        return None;
    }
    // A function would be lost, but its name is not known here: who calls has to look.
    Some(word.span.start)
}

/// A package manager and what it is told to do.
pub(super) struct Packages<'s> {
    /// `apt-get`, `pip`...
    pub manager: &'s str,
    /// `install`, `update`...
    pub verb: &'s str,
    /// The index of the verb's word.
    pub at: usize,
    /// The words after the verb.
    pub simple: &'s Simple,
}

/// Flags of `manager` that take a value as the next word.
fn valued(manager: &str) -> &'static [&'static str] {
    match manager {
        // -f is --fix-broken.
        "apt-get" | "apt" | "aptitude" => &[
            "-o",
            "--option",
            "-c",
            "--config-file",
            "-t",
            "--target-release",
            "--default-release",
            "-a",
            "--host-architecture",
        ],
        "apk" => &[
            "-X",
            "--repository",
            "-p",
            "--root",
            "-t",
            "--virtual",
            "--arch",
            "--keys-dir",
            "--cache-dir",
            "--repositories-file",
            "--wait",
        ],
        "yum" | "dnf" | "microdnf" => &[
            "-c",
            "--config",
            "-x",
            "--exclude",
            "--enablerepo",
            "--disablerepo",
            "--repo",
            "--installroot",
            "--releasever",
            "--setopt",
        ],
        "zypper" => &[
            "-R",
            "--root",
            "-D",
            "--reposd-dir",
            "-p",
            "--plus-repo",
            "-r",
            "--repo",
            "--from",
        ],
        "gem" => &[
            "-v",
            "--version",
            "-s",
            "--source",
            "-i",
            "--install-dir",
            "-n",
            "--bindir",
        ],
        "npm" | "yarn" | "pnpm" => &["--prefix", "--registry", "--cwd", "-C", "--dir", "--filter"],
        "go" => &["-C", "-p", "-tags", "-ldflags", "-o", "-mod"],
        _ => &[
            "-r",
            "--requirement",
            "-i",
            "--index-url",
            "--extra-index-url",
            "-f",
            "--find-links",
            "-c",
            "--constraint",
            "-e",
            "--editable",
            "--platform",
            "--python-version",
            "-t",
            "--target",
            "--prefix",
            "--root",
            "--trusted-host",
            "--python",
            "--timeout",
            "--retries",
            "--cache-dir",
            "--src",
            "--proxy",
        ],
    }
}

impl<'s> Packages<'s> {
    /// Reads a command, `sudo` and `env` before it left out.
    pub fn of(simple: &'s Simple) -> Option<Self> {
        let text = |at: usize| simple.word(at);
        let base = |at: usize| text(at).map(|word| word.rsplit('/').next().unwrap_or(word));
        let mut at = 0;
        while matches!(
            base(at),
            Some("sudo" | "env" | "exec" | "command" | "time" | "nice")
        ) || (at > 0
            && text(at).is_some_and(|word| {
                word.starts_with('-') || (word.contains('=') && !word.starts_with('-'))
            }))
        {
            at += 1;
        }
        let mut manager = base(at)?;
        if manager.starts_with("python") && text(at + 1) == Some("-m") {
            at += 2;
            manager = base(at)?;
        }
        if manager == "uv" && text(at + 1) == Some("pip") {
            at += 1;
        }
        let known = [
            "apt-get", "apt", "aptitude", "apk", "yum", "dnf", "microdnf", "zypper", "pip", "pip2",
            "pip3", "uv", "npm", "yarn", "pnpm", "gem", "go", "poetry", "pipenv",
        ];
        let manager = known
            .into_iter()
            .find(|name| *name == manager)
            .or_else(|| manager.starts_with("pip3.").then_some("pip3"))?;
        let mut verb = at + 1;
        while let Some(word) = simple
            .words
            .get(verb)
            .map(|word| word.raw.as_str())
            .filter(|word| word.starts_with('-'))
        {
            verb += if valued(manager).contains(&word) && !word.contains('=') {
                2
            } else {
                1
            };
        }
        Some(Self {
            manager,
            verb: simple.word(verb)?,
            at: verb,
            simple,
        })
    }

    /// What is installed: words after the verb that are no flags and no values of flags.
    pub fn names(&self) -> Vec<(&'s str, Range<usize>)> {
        let mut names = Vec::new();
        let mut skip = false;
        for word in self.simple.words.iter().skip(self.at + 1) {
            if std::mem::take(&mut skip) {
                continue;
            }
            if word.raw.starts_with('-') {
                skip = valued(self.manager).contains(&word.raw.as_str());
                continue;
            }
            names.push((word.raw.as_str(), word.span.clone()));
        }
        names
    }

    /// Where a flag goes: after the verb.
    pub fn after_verb(&self) -> usize {
        self.simple.words[self.at].span.end
    }

    /// Whether it is pip in one of its names, or uv's pip.
    pub fn is_pip(&self) -> bool {
        self.manager.starts_with("pip") && self.manager != "pipenv"
    }
}
