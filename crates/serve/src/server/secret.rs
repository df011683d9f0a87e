//! Secrets, read from where they are.

use std::path::Path;

use boatyard_preview::config::{Concealed, Config, Source};

use super::error::ServeError;

/// Reads a secret; a relative file is in `beside`.
pub(super) fn read(source: &Source, beside: &Path) -> Result<Concealed, ServeError> {
    match source {
        Source::Value(secret) => Ok(secret.clone()),
        Source::Env(name) => match std::env::var(name) {
            Ok(value) if !value.is_empty() => Ok(Concealed::new(value)),
            _ => Err(ServeError::Secret {
                place: format!("the variable {name}"),
                source: None,
            }),
        },
        Source::File(path) => {
            let path = beside.join(path);
            let text = std::fs::read_to_string(&path).map_err(|source| ServeError::Secret {
                place: path.display().to_string(),
                source: Some(source),
            })?;
            Ok(Concealed::new(text.trim_end_matches(['\n', '\r'])))
        }
    }
}

/// All secrets of a configuration: what no log may have. Fails if one is not there.
pub(super) fn all(config: &Config, beside: &Path) -> Result<Vec<String>, ServeError> {
    let sources = config
        .forges
        .values()
        .flat_map(|forge| forge.token.iter().chain(&forge.secrets));
    sources
        .map(|source| read(source, beside).map(|secret| secret.reveal().to_owned()))
        .collect()
}
