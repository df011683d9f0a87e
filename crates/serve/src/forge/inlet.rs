//! Where hooks come in.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use boatyard_preview::config::Config;
use boatyard_preview::forge::{Headers, Hook, Trouble, deliver};

use super::{Secrets, Watchers};
use crate::keeper::Heard;

/// Checks hooks and reads them. Cheap to clone.
#[derive(Clone)]
pub struct Inlet {
    config: Arc<Config>,
    secrets: Arc<Secrets>,
    watchers: Arc<Watchers>,
}

impl Inlet {
    /// An inlet for the forges of the configuration, whose repositories are watched by `watchers`.
    pub fn new(config: Arc<Config>, secrets: Arc<Secrets>, watchers: Arc<Watchers>) -> Self {
        Self {
            config,
            secrets,
            watchers,
        }
    }

    /// What has arrived for `forge`, to be heard by the keeper before it is answered. The repositories that it is about are asked
    /// for again soon.
    ///
    /// # Errors
    /// If it is not from the forge, or cannot be understood: with the status of the answer.
    pub fn read(&self, forge: &str, headers: &Headers, body: &[u8]) -> Result<Heard, Trouble> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let hook = Hook {
            forge,
            keys: self.secrets.keys(forge),
            headers,
            body,
            now_seconds: now.unwrap_or_default().as_secs(),
        };
        let delivery = deliver(&self.config, &hook)?;
        for repository in &delivery.repositories {
            self.watchers.mark(repository);
        }
        Ok(Heard {
            delivery: delivery.id,
            by: forge.to_owned(),
            news: delivery.news,
        })
    }
}
