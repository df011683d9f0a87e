//! The configuration that holds, with its secrets.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use boatyard_preview::config::{Config, Token};
use boatyard_preview::policy::Times;

use crate::forge::{SecretError, Secrets};
use crate::login::Provider;
use crate::logs::Logs;
use crate::site::{self, Origin, Origins};
use crate::web::Hooks;
use crate::web::settings::{self as web, NoAddress};

/// A configuration with its secrets.
pub(super) struct Settled {
    pub(super) config: Config,
    pub(super) secrets: Secrets,
}

/// The configuration that holds now; clones are the same.
#[derive(Clone)]
pub(super) struct Held {
    now: Arc<RwLock<Arc<Settled>>>,
    /// The folder that its relative files are in.
    pub(super) folder: PathBuf,
}

impl Settled {
    /// A configuration all of whose secrets are there.
    pub(super) fn read(config: Config, folder: &Path) -> Result<Self, SecretError> {
        let secrets = Secrets::read(&config, folder, &|name| std::env::var(name).ok())?;
        Ok(Self { config, secrets })
    }

    /// The same of a server that listens there, whatever the file says: a port may have been free to choose, or the file
    /// may be another one than at the start.
    pub(super) fn at(mut self, address: SocketAddr) -> Self {
        self.config.server.listen = address;
        self
    }

    /// What the web side is set to, whose `operator` may do everything.
    /// Files of it are in `folder`.
    pub(super) fn web(
        &self,
        operator: Token,
        folder: &Path,
    ) -> Result<(web::Settings, Hooks), NoAddress> {
        let mut settings = web::Settings::of(&self.config)?;
        let (config, secrets) = (&self.config, &self.secrets);
        let logins = Provider::all(config, folder, |name| secrets.login(name));
        settings.logins = Arc::new(logins);
        settings.access.tokens.push(operator);
        let hooks = Hooks {
            config: Arc::new(self.config.clone()),
            secrets: self.secrets.clone(),
        };
        Ok((settings, hooks))
    }

    /// What no log may have.
    pub(super) fn concealed(&self) -> Vec<String> {
        let forges = self.config.forges.keys();
        let tokens = forges.clone().filter_map(|name| self.secrets.token(name));
        let keys = forges.flat_map(|name| self.secrets.keys(name));
        let keys = keys.filter_map(|key| String::from_utf8(key.clone()).ok());
        let logins = self.config.access.logins.keys();
        let logins = logins.filter_map(|name| self.secrets.login(name));
        tokens
            .chain(logins)
            .chain(self.secrets.all_variables())
            .map(|secret| secret.reveal().to_owned())
            .chain(keys)
            .collect()
    }
}

impl Held {
    pub(super) fn new(settled: Settled, folder: PathBuf) -> Self {
        let now = Arc::new(RwLock::new(Arc::new(settled)));
        Self { now, folder }
    }

    pub(super) fn now(&self) -> Arc<Settled> {
        Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// From now on the other one holds.
    pub(super) fn take(&self, other: &Self) {
        let other = other.now();
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = other;
    }

    /// What the backend of this machine works with.
    pub(super) fn site(
        &self,
        program: PathBuf,
        home: &Path,
        state: &Path,
        logs: &Logs,
    ) -> site::Settings {
        site::Settings {
            program,
            home: home.to_owned(),
            state: state.to_owned(),
            origin: self.origins(),
            templates: self.templates(),
            times: self.times(),
            cleanup_tries: self.cleanup_tries(),
            snapshot_bytes: self.snapshot_bytes(),
            logs: logs.clone(),
        }
    }

    /// What the policy says of times, whenever it is asked.
    fn times(&self) -> Box<dyn Fn() -> Times + Send + Sync> {
        let held = self.clone();
        Box::new(move || held.now().config.times)
    }

    /// How often what cleans up is tried, whenever it is asked.
    fn cleanup_tries(&self) -> Box<dyn Fn() -> u32 + Send + Sync> {
        let held = self.clone();
        Box::new(move || held.now().config.limits.cleanup_tries)
    }

    /// Where commits are fetched from, whenever it is asked.
    fn origins(&self) -> Origins {
        let held = self.clone();
        Box::new(move |place| {
            let Settled { config, secrets } = &*held.now();
            let remote = config.remote(place)?;
            let watched = config.watched(&place.repository)?;
            Some(Origin {
                url: remote.url,
                reference: remote.reference,
                user: remote.user.to_owned(),
                token: secrets.token(&watched.forge).cloned(),
                authority: remote.authority.map(|file| held.folder.join(file)),
                root: remote.root.to_owned(),
                begin: config.begin(place),
                reach: watched.reach.clone(),
            })
        })
    }

    /// How much all snapshots may be together, whenever it is asked.
    fn snapshot_bytes(&self) -> Box<dyn Fn() -> u64 + Send + Sync> {
        let held = self.clone();
        Box::new(move || {
            let megabytes = held.now().config.limits.snapshot_megabytes;
            u64::try_from(megabytes)
                .unwrap_or(u64::MAX)
                .saturating_mul(1_000_000)
        })
    }

    /// The names of the templates that there may be, whenever it is asked.
    fn templates(&self) -> Box<dyn Fn() -> BTreeSet<String> + Send + Sync> {
        let held = self.clone();
        Box::new(move || held.now().config.templates())
    }
}
