//! `SHELL`, `HEALTHCHECK`, `ONBUILD`, `MAINTAINER`.

use super::history::{healthcheck, list};
use super::state::{State, wrong};
use crate::diagnostic::Diagnostic;
use crate::dockerfile::{Command, Instruction, Word, nanoseconds};
use crate::failure::Failure as _;
use crate::image::Healthcheck;

impl State {
    /// `SHELL`.
    pub(super) fn shell(&mut self, words: &[String]) {
        self.config.shell = words.to_vec();
        self.note(format!("SHELL {}", list(words)), true);
    }

    /// `HEALTHCHECK`.
    pub(super) fn healthcheck(
        &mut self,
        instruction: &Instruction,
        command: Option<&Command>,
    ) -> Result<(), Vec<Diagnostic>> {
        let mut check = Healthcheck {
            test: match command {
                None => vec!["NONE".to_owned()],
                Some(Command::Exec(words)) => {
                    let kind = std::iter::once("CMD".to_owned());
                    kind.chain(words.iter().cloned()).collect()
                }
                Some(Command::Shell(line)) => vec!["CMD-SHELL".to_owned(), line.text.clone()],
            },
            ..Healthcheck::default()
        };
        let mut mistakes = Vec::new();
        for flag in &instruction.flags {
            let Some(value) = &flag.value else { continue };
            let field = match flag.name.as_str() {
                "interval" => &mut check.interval,
                "timeout" => &mut check.timeout,
                "start-period" => &mut check.start_period,
                "start-interval" => &mut check.start_interval,
                _ => {
                    // The parser has seen that it is a number from 0.
                    check.retries = value.text.parse().unwrap_or_default();
                    continue;
                }
            };
            match nanoseconds(&value.text) {
                Ok(nanoseconds) => *field = i64::try_from(nanoseconds).unwrap_or(i64::MAX),
                Err(error) => {
                    let message = format!("the flag --{}: {error}", flag.name);
                    mistakes.push(wrong(value, message, &error.help().unwrap_or_default()));
                }
            }
        }
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        self.note(format!("HEALTHCHECK {}", healthcheck(&check)), true);
        self.config.healthcheck = Some(check);
        Ok(())
    }

    /// `ONBUILD`: noted for the builds that start from this one, in their own words. Docker has no history of it.
    pub(super) fn on_build(&mut self, instruction: &Instruction, trigger: &Instruction) {
        let rest = &instruction.line[instruction.keyword.text.len().min(instruction.line.len())..];
        let mut text = rest.trim().to_owned();
        for heredoc in &trigger.heredocs {
            text.push('\n');
            text.push_str(&heredoc.text);
            text.push_str(&heredoc.name);
        }
        self.config.on_build.push(text);
    }

    /// `MAINTAINER`.
    pub(super) fn maintainer(&mut self, name: &Word) {
        self.note(format!("MAINTAINER {}", name.text), true);
        self.author = Some(name.text.clone());
    }
}
