//! Where the configuration comes from.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use boatyard_plan::failure::{Failure, Fault};
use boatyard_preview::config::{self, Config};

use super::repository;
use crate::args::serve::Serve;
use crate::diagnose::Mistakes;
use crate::stopped::Stopped;

/// The file that is read where none is named.
const FILE: &str = "serve.toml";

/// The configuration cannot be had.
#[derive(Debug, thiserror::Error)]
enum ConfigurationError {
    #[error("there is no {FILE} here, and no repository is named")]
    Nothing,
    #[error("cannot read {}", path.display())]
    Read { path: PathBuf, source: io::Error },
}

impl Failure for ConfigurationError {
    fn fault(&self) -> Fault {
        Fault::User
    }

    fn help(&self) -> Option<String> {
        let help = match self {
            Self::Nothing => {
                "boatyard serve --repository WHERE watches a repository without a file; --config FILE names a file"
            }
            Self::Read { .. } => {
                "the configuration is a file that whoever runs the server can read, in UTF-8"
            }
        };
        Some(help.to_owned())
    }
}

/// Where the configuration comes from.
pub(super) struct Configuration {
    /// The file; none: repositories are named.
    pub(super) path: Option<PathBuf>,
    /// The text that stands for a file where repositories are named.
    text: String,
    listen: Option<SocketAddr>,
}

impl Configuration {
    /// What the words say.
    pub(super) fn choose(words: &Serve, here: &Path) -> Result<Self, Stopped> {
        let default = here.join(FILE);
        let path = words.config.clone().map(|path| here.join(path));
        let path = path
            .or_else(|| (words.repositories.is_empty() && default.is_file()).then_some(default));
        if path.is_none() && words.repositories.is_empty() {
            return Err(ConfigurationError::Nothing.into());
        }
        Ok(Self {
            path,
            text: repository::configuration(&words.repositories, here)?,
            listen: words.listen,
        })
    }

    /// Reads it, or reads it again.
    pub(super) fn read(&self) -> Result<Config, Stopped> {
        let text = match &self.path {
            Some(path) => fs::read_to_string(path).map_err(|source| ConfigurationError::Read {
                path: path.clone(),
                source,
            })?,
            None => self.text.clone(),
        };
        let config = config::parse(&text).map_err(|diagnostics| {
            let shown = self.path.as_deref().unwrap_or(Path::new("--repository"));
            Stopped::Mistaken(Mistakes {
                file: shown.display().to_string(),
                text,
                diagnostics,
                fault: Fault::User,
                causes: Vec::new(),
                findings: false,
            })
        })?;
        Ok(match self.listen {
            Some(listen) => Config {
                server: config::Server {
                    listen,
                    ..config.server
                },
                ..config
            },
            None => config,
        })
    }

    /// The folder that its relative paths are in.
    pub(super) fn folder(&self, here: &Path) -> PathBuf {
        let beside = self.path.as_deref().and_then(Path::parent);
        beside.unwrap_or(here).to_path_buf()
    }
}

/// What is wrong, in one line for a log: mistakes with their places.
pub(super) fn said(stopped: &Stopped) -> String {
    match stopped {
        Stopped::Mistaken(mistakes) => {
            let lines = mistakes.diagnostics.iter().map(|one| {
                let (line, column) = one.position(&mistakes.text);
                let help = one.help.as_deref();
                let help = help.map(|help| format!(" ({help})")).unwrap_or_default();
                format!("{}:{line}:{column}: {}{help}", mistakes.file, one.message)
            });
            lines.collect::<Vec<_>>().join("; ")
        }
        Stopped::Failed(failure) | Stopped::Told(failure) => failure.to_string(),
        Stopped::Ended(_) | Stopped::Unheard => String::new(),
    }
}
