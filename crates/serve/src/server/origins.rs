//! Where commits are fetched from, as the configuration says now.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use boatyard_preview::config::Config;

use super::secret;
use crate::local::{Origin, Origins};

/// The configuration that holds; clones are the same.
#[derive(Clone)]
pub(super) struct Holding {
    config: Arc<RwLock<Arc<Config>>>,
    /// What relative files are beside of.
    pub(super) beside: PathBuf,
}

impl Holding {
    pub(super) fn new(config: Config, beside: PathBuf) -> Self {
        Self {
            config: Arc::new(RwLock::new(Arc::new(config))),
            beside,
        }
    }

    pub(super) fn now(&self) -> Arc<Config> {
        Arc::clone(&self.config.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn set(&self, config: Config) {
        *self.config.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(config);
    }

    /// Where commits are fetched from.
    pub(super) fn origins(&self) -> Origins {
        let holding = self.clone();
        Box::new(move |place| {
            let config = holding.now();
            let remote = config.remote(place)?;
            Some(Origin {
                url: remote.url,
                reference: remote.reference,
                user: remote.user.to_owned(),
                // It was there when the configuration was taken; Git says what it misses otherwise.
                token: remote
                    .token
                    .and_then(|source| secret::read(source, &holding.beside).ok()),
                authority: remote.authority.map(|file| holding.beside.join(file)),
                root: remote.root.to_owned(),
            })
        })
    }
}
