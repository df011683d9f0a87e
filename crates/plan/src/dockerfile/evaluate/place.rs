//! `WORKDIR`, `USER`, `VOLUME`.

use super::history::list;
use super::state::{State, all, wrong};
use crate::diagnostic::Diagnostic;
use crate::dockerfile::{Op, Word, path};

/// The folder that `text` names below `current`. An absolute one stays as it is written, since Docker shows it so.
pub(super) fn folder(current: &str, text: &str) -> String {
    match text {
        "" => current.to_owned(),
        absolute if absolute.starts_with('/') => absolute.to_owned(),
        relative => path::join(current, relative),
    }
}

impl State {
    /// `WORKDIR`.
    pub(super) fn workdir(&mut self, word: &Word) -> Result<Op, Diagnostic> {
        let text = self.word(word)?;
        self.config.working_dir = folder(self.cwd(), &text);
        let path = path::clean(&self.config.working_dir);
        let is_root = path == "/";
        self.note(format!("WORKDIR {}", self.config.working_dir), is_root);
        Ok(if is_root {
            Op::Nothing
        } else {
            Op::Folder {
                path,
                user: self.config.user.clone(),
            }
        })
    }

    /// `USER`.
    pub(super) fn user(&mut self, word: &Word) -> Result<(), Diagnostic> {
        self.config.user = self.word(word)?;
        self.note(format!("USER {}", self.config.user), true);
        Ok(())
    }

    /// `VOLUME`.
    pub(super) fn volume(&mut self, words: &[Word]) -> Result<(), Vec<Diagnostic>> {
        let paths = all(words.iter().map(|word| match self.word(word)? {
            path if path.is_empty() => {
                let message = format!("{} is empty once its variables are filled in", word.text);
                Err(wrong(word, message, "a volume is the path of a folder"))
            }
            path => Ok(path),
        }))?;
        self.note(format!("VOLUME {}", list(&paths)), true);
        for path in paths {
            self.config.volumes.entry(path).or_default();
        }
        Ok(())
    }
}
