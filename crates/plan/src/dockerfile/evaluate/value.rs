//! `ENV`, `ARG` and `LABEL`.

use super::state::{State, all, wrong};
use crate::diagnostic::Diagnostic;
use crate::dockerfile::Pair;

impl State {
    /// `ENV`: all values see the environment as it was before.
    pub(super) fn env(&mut self, pairs: &[Pair]) -> Result<(), Vec<Diagnostic>> {
        let pairs = self.expanded(pairs)?;
        let mut line = String::from("ENV");
        for (name, value) in pairs {
            let pair = format!("{name}={value}");
            line.push(' ');
            line.push_str(&pair);
            let same = |known: &&mut String| known.split('=').next() == Some(&name);
            match self.config.env.iter_mut().find(same) {
                Some(known) => *known = pair,
                None => self.config.env.push(pair),
            }
            self.scope.env.set(name, value);
        }
        self.note(line, true);
        Ok(())
    }

    /// `LABEL`.
    pub(super) fn label(&mut self, pairs: &[Pair]) -> Result<(), Vec<Diagnostic>> {
        let mut line = String::from("LABEL");
        for (name, value) in self.expanded(pairs)? {
            line.extend([" ", &name, "=", &value]);
            self.config.labels.insert(name, value);
        }
        self.note(line, true);
        Ok(())
    }

    /// `ARG`: what is given with `--build-arg`, else the default, else what the argument of that name before the first `FROM`
    /// holds. What is set is seen from here on, also where a variable of that name was set before.
    pub(super) fn arg(&mut self, pairs: &[Pair]) -> Result<(), Vec<Diagnostic>> {
        let mut line = String::from("ARG");
        for pair in pairs {
            let name = &pair.name.text;
            let value = match (self.arguments.get(name), &pair.value) {
                (Some(given), _) => Some(given.clone()),
                (None, Some(default)) => Some(self.word(default).map_err(|mistake| vec![mistake])?),
                (None, None) => self.globals.get(name).map(str::to_owned),
            };
            line.push(' ');
            line.push_str(name);
            if let Some(value) = &value {
                line.push('=');
                line.push_str(value);
                self.scope.env.set(name, value);
            }
            self.scope.declared.push((name.clone(), value));
        }
        self.note(line, true);
        Ok(())
    }

    /// Declared arguments for the history of `RUN`, in order, each once.
    pub(super) fn declared(&self) -> Vec<String> {
        let mut pairs: Vec<(&str, String)> = Vec::new();
        for (name, value) in &self.scope.declared {
            let value = self.scope.env.get(name).or(value.as_deref()).unwrap_or("");
            let pair = format!("{name}={value}");
            match pairs.iter_mut().find(|(known, _)| known == name) {
                Some((_, known)) => *known = pair,
                None => pairs.push((name, pair)),
            }
        }
        pairs.into_iter().map(|(_, pair)| pair).collect()
    }

    fn expanded(&self, pairs: &[Pair]) -> Result<Vec<(String, String)>, Vec<Diagnostic>> {
        all(pairs.iter().map(|pair| {
            let name = self.word(&pair.name)?;
            if name.is_empty() {
                let message = format!(
                    "{} is empty once its variables are filled in",
                    pair.name.text
                );
                return Err(wrong(&pair.name, message, "names cannot be empty"));
            }
            let value = match &pair.value {
                Some(value) => self.word(value)?,
                None => String::new(),
            };
            Ok((name, value))
        }))
    }
}
