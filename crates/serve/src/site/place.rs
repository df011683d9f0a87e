//! Where environments are, and what they are made with.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use boatyard_preview::config::{Begin, Concealed, Reach};
use boatyard_preview::environment::Environment;
use boatyard_preview::id::Id;
use boatyard_preview::policy::Times;
use boatyard_preview::revision::Place;
use tokio::process::Command;

use super::{child, surroundings};
use crate::logs::Logs;

/// What begins the name of a copy that is an environment: so none is taken for an image or a copy of somebody else's.
pub(crate) const COPY: &str = "preview_";

/// Where a commit is fetched from.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The URL, without a token.
    pub url: String,
    /// The reference that leads to the commit.
    pub reference: String,
    /// Who says the token.
    pub user: String,
    /// The token; none: it is public, or Git knows what to say.
    pub token: Option<Concealed>,
    /// A file with the certificates of the forge's own authority.
    pub authority: Option<PathBuf>,
    /// What its databases and files begin with.
    pub begin: Begin,
    /// What it may fetch from while it is built, if it is a stranger's.
    pub reach: Reach,
    /// The folder of boatyard.toml in it.
    pub root: String,
}

/// Where commits of a place are fetched from.
pub type Origins = Box<dyn Fn(&Place) -> Option<Origin> + Send + Sync>;

/// What the backend works with.
pub struct Settings {
    /// Our own command.
    pub program: PathBuf,
    /// `$BOATYARD_HOME`.
    pub home: PathBuf,
    /// The folder of the server's own state.
    pub state: PathBuf,
    /// Where the commits of a place are fetched from; none: it is not watched any more.
    pub origin: Origins,
    /// The names of templates that may be there.
    pub templates: Box<dyn Fn() -> BTreeSet<String> + Send + Sync>,
    /// What the policy says of times.
    pub times: Box<dyn Fn() -> Times + Send + Sync>,
    /// How often what cleans up before an environment goes is tried.
    pub cleanup_tries: Box<dyn Fn() -> u32 + Send + Sync>,
    /// How much all snapshots may be together.
    pub snapshot_bytes: Box<dyn Fn() -> u64 + Send + Sync>,
    /// Where to write what is said.
    pub logs: Logs,
}

/// Where environments are.
pub(crate) struct Site {
    pub(crate) settings: Settings,
    /// Where those that run answer.
    addresses: Mutex<BTreeMap<Id, SocketAddr>>,
    /// One fetch at a time for each mirror.
    mirrors: Mutex<BTreeMap<PathBuf, Arc<tokio::sync::Mutex<()>>>>,
    /// One snapshot at a time: how much room there is for it depends on all others.
    pub(crate) shelf: tokio::sync::Mutex<()>,
    /// One thing at a time for each environment.
    turns: Mutex<BTreeMap<Id, Arc<tokio::sync::Mutex<()>>>>,
}

impl Site {
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            settings,
            addresses: Mutex::default(),
            mirrors: Mutex::default(),
            shelf: tokio::sync::Mutex::default(),
            turns: Mutex::default(),
        }
    }

    /// All environments.
    pub(crate) fn environments(&self) -> PathBuf {
        self.settings.state.join("environment")
    }

    /// The folder of one.
    pub(crate) fn folder(&self, id: &Id) -> PathBuf {
        self.environments().join(id.as_str())
    }

    /// The name of its copy.
    pub(crate) fn copy(id: &str) -> String {
        format!("{COPY}{id}")
    }

    /// The homes that environments live in: of those that are trusted, and of the others.
    pub(crate) fn homes(&self) -> [PathBuf; 2] {
        [
            self.settings.home.clone(),
            self.settings.state.join("strangers"),
        ]
    }

    /// The home of an environment, as it was prepared.
    pub(crate) fn home(&self, id: &Id) -> PathBuf {
        let [trusted, strangers] = self.homes();
        if self.is_stranger(id) {
            strangers
        } else {
            trusted
        }
    }

    /// Our own command with a home. In that of strangers it knows little of ours: what it knows, their builds may be told.
    pub(crate) fn command<I, S>(&self, home: &Path, words: I) -> Command
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        let mut command = self.knowing(home, words);
        let [_, strangers] = self.homes();
        if home == strangers {
            surroundings::conceal(&mut command, home);
        }
        command
    }

    /// Our own command with a home, and with all that we know: it is to run nothing of a project's.
    pub(crate) fn knowing<I, S>(&self, home: &Path, words: I) -> Command
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        child::boatyard(&self.settings.program, home, words)
    }

    /// Whether it was prepared as somebody's whom nobody trusts.
    pub(crate) fn is_stranger(&self, id: &Id) -> bool {
        self.folder(id).join("stranger").exists()
    }

    /// The project in an environment's source.
    pub(crate) fn project(&self, environment: &Environment) -> PathBuf {
        let origin = (self.settings.origin)(&environment.revision.place);
        let source = self.folder(&environment.id).join("source");
        match origin {
            Some(origin) if origin.root != "." => source.join(origin.root),
            _ => source,
        }
    }

    pub(crate) fn address(&self, id: &Id) -> Option<SocketAddr> {
        self.addresses().get(id).copied()
    }

    pub(crate) fn set_address(&self, id: &Id, address: Option<SocketAddr>) {
        let mut addresses = self.addresses();
        match address {
            Some(address) => addresses.insert(*id, address),
            None => addresses.remove(id),
        };
    }

    /// The lock of a mirror.
    pub(crate) fn mirror(&self, path: PathBuf) -> Arc<tokio::sync::Mutex<()>> {
        let mut mirrors = self.mirrors.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(mirrors.entry(path).or_default())
    }

    /// The lock of an environment: whoever has it works at it alone.
    pub(crate) fn turn(&self, id: &Id) -> Arc<tokio::sync::Mutex<()>> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        // Those that nobody has or waits for are forgotten.
        turns.retain(|other, turn| other == id || Arc::strong_count(turn) > 1);
        Arc::clone(turns.entry(*id).or_default())
    }

    fn addresses(&self) -> std::sync::MutexGuard<'_, BTreeMap<Id, SocketAddr>> {
        self.addresses
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
