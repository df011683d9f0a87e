//! `CMD` and `ENTRYPOINT`, and what stands in front of commands in the shell form.

use super::history::quoted_list;
use super::state::State;
use crate::dockerfile::Command;

impl State {
    /// `CMD`.
    pub(super) fn cmd(&mut self, command: &Command) {
        let argv = self.argv(command);
        self.note(format!("CMD {}", quoted_list(&argv)), true);
        self.config.cmd = (!argv.is_empty()).then_some(argv);
        self.config.args_escaped = true;
        self.has_cmd = true;
    }

    /// `ENTRYPOINT`: the base's `CMD` belongs to the base's entry point, and goes with it.
    pub(super) fn entrypoint(&mut self, command: &Command) {
        let argv = self.argv(command);
        self.note(format!("ENTRYPOINT {}", quoted_list(&argv)), true);
        self.config.entrypoint = (!argv.is_empty()).then_some(argv);
        if !self.has_cmd {
            self.config.cmd = None;
        }
    }

    fn argv(&self, command: &Command) -> Vec<String> {
        match command {
            Command::Exec(words) => words.clone(),
            Command::Shell(line) => self.in_shell(line.text.clone()),
        }
    }

    /// The shell with `line` as its last argument.
    pub(super) fn in_shell(&self, line: String) -> Vec<String> {
        let mut argv = match self.config.shell.as_slice() {
            [] => vec!["/bin/sh".to_owned(), "-c".to_owned()],
            shell => shell.to_vec(),
        };
        argv.push(line);
        argv
    }
}
