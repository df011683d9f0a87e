//! Everything that a request may need.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use boatyard_preview::config::Config;
use boatyard_preview::forge::Pipeline;
use boatyard_preview::revision::Repository;
use boatyard_preview::time::Time;
use tokio::sync::{Semaphore, watch};

use super::access::Rate;
use super::directory::Directory;
use super::metrics::Metrics;
use super::proxy::{Client, Usage};
use super::settings::Settings;
use crate::backend::Backend;
use crate::forge::Secrets;
use crate::journal::{Logins, Reader};
use crate::keeper::Keeper;
use crate::logs::Logs;
use crate::trouble::Troubles;

/// What hooks are read with.
#[derive(Clone)]
pub struct Hooks {
    /// Which forges and repositories there are.
    pub config: Arc<Config>,
    /// What hooks are signed with.
    pub secrets: Secrets,
}

/// Is told which repositories are to be listed again, because a hook was about them.
pub type Mark = Arc<dyn Fn(&Repository) + Send + Sync>;

/// Is told that somebody has said something in a comment.
pub type Obey = Arc<dyn Fn() + Send + Sync>;

/// Is told that a pipeline has ended.
pub type Ended = Arc<dyn Fn(&Pipeline) + Send + Sync>;

/// Is told what somebody should know who runs the server.
pub type Warn = Arc<dyn Fn(String) + Send + Sync>;

/// What the web side is put together from.
pub struct Parts {
    /// Who decides.
    pub keeper: Keeper,
    /// Who knows where environments answer.
    pub backend: Arc<dyn Backend>,
    /// What happened.
    pub journal: Reader,
    /// Where it is written down who logs in.
    pub logins: Logins,
    /// What environments print.
    pub logs: Logs,
    /// What hooks are read with.
    pub hooks: Hooks,
    /// Who lists repositories again.
    pub mark: Mark,
    /// Who hears warnings.
    pub warn: Warn,
    /// What it is set to.
    pub settings: Settings,
}

/// Everything that a request may need. Clones are the same site.
#[derive(Clone)]
pub struct Site(Arc<Inner>);

struct Inner {
    keeper: Keeper,
    backend: Arc<dyn Backend>,
    journal: Arc<Mutex<Reader>>,
    logins: Arc<Mutex<Logins>>,
    logs: Logs,
    hooks: RwLock<Arc<Hooks>>,
    mark: Mark,
    warn: Warn,
    settings: RwLock<Arc<Settings>>,
    rate: RwLock<Arc<Rate>>,
    directory: Directory,
    metrics: Metrics,
    usage: Usage,
    client: Client,
    streams: Arc<Semaphore>,
    holds: RwLock<Arc<Semaphore>>,
    ending: watch::Sender<bool>,
    troubles: RwLock<Troubles>,
    obey: RwLock<Obey>,
    ended: RwLock<Ended>,
}

impl Site {
    /// A site of these parts.
    pub fn new(parts: Parts) -> Self {
        let settings = parts.settings;
        Self(Arc::new(Inner {
            keeper: parts.keeper,
            backend: parts.backend,
            logins: Arc::new(Mutex::new(parts.logins)),
            journal: Arc::new(Mutex::new(parts.journal)),
            logs: parts.logs,
            hooks: RwLock::new(Arc::new(parts.hooks)),
            mark: parts.mark,
            warn: parts.warn,
            rate: RwLock::new(Arc::new(Rate::new(settings.visitors.per_minute))),
            directory: Directory::default(),
            metrics: Metrics::default(),
            usage: Usage::default(),
            client: Client::new(),
            streams: Arc::new(Semaphore::new(settings.streams)),
            holds: RwLock::new(Arc::new(Semaphore::new(settings.visitors.held))),
            ending: watch::channel(false).0,
            troubles: RwLock::default(),
            obey: RwLock::new(Arc::new(|| {})),
            ended: RwLock::new(Arc::new(|_| {})),
            settings: RwLock::new(Arc::new(settings)),
        }))
    }

    /// Who decides.
    pub fn keeper(&self) -> &Keeper {
        &self.0.keeper
    }

    /// Who knows where environments answer.
    pub fn backend(&self) -> &dyn Backend {
        self.0.backend.as_ref()
    }

    /// What happened.
    pub(super) fn journal(&self) -> &Arc<Mutex<Reader>> {
        &self.0.journal
    }

    /// Where it is written down who logs in.
    pub(super) fn logins(&self) -> &Arc<Mutex<Logins>> {
        &self.0.logins
    }

    /// What environments print.
    pub(super) fn logs(&self) -> &Logs {
        &self.0.logs
    }

    /// What hooks are read with now.
    pub(super) fn hooks(&self) -> Arc<Hooks> {
        Arc::clone(&self.0.hooks.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// That repository is to be listed again.
    pub(super) fn mark(&self, repository: &Repository) {
        (self.0.mark)(repository);
    }

    /// What it is set to now.
    pub fn settings(&self) -> Arc<Settings> {
        Arc::clone(
            &self
                .0
                .settings
                .read()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    /// From now on other settings hold; how many streams and connections there may be stays as it was.
    pub fn follow(&self, mut settings: Settings, hooks: Hooks) {
        let before = self.settings();
        settings.traces = before.traces.clone();
        // What somebody was given who has logged in is as good as the rules by which he was.
        let rules = |of: &Settings| (of.access.logins.clone(), of.access.roles.clone());
        if rules(&before) == rules(&settings) {
            settings.sessions = before.sessions.clone();
        }
        *self.0.hooks.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(hooks);
        let (now, new) = (before, &settings.visitors);
        // Whoever has asked too often has all the same.
        if now.visitors.per_minute != new.per_minute {
            let rate = Arc::new(Rate::new(new.per_minute));
            *self.0.rate.write().unwrap_or_else(PoisonError::into_inner) = rate;
        }
        // Those that wait already wait on, and do not count.
        if now.visitors.held != new.held {
            let holds = Arc::new(Semaphore::new(new.held));
            *self.0.holds.write().unwrap_or_else(PoisonError::into_inner) = holds;
        }
        *self
            .0
            .settings
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::new(settings);
    }

    /// What is in the way of the server's work now.
    pub fn troubles(&self) -> Troubles {
        let troubles = self.0.troubles.read();
        troubles.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From now on others work, and what is in their way is there.
    pub fn follow_troubles(&self, troubles: Troubles) {
        let held = self.0.troubles.write();
        *held.unwrap_or_else(PoisonError::into_inner) = troubles;
    }

    /// Has what somebody has said in a comment done, if he may.
    pub(super) fn obey(&self) {
        let obey = Arc::clone(&self.0.obey.read().unwrap_or_else(PoisonError::into_inner));
        obey();
    }

    /// From now on others do what people say.
    pub fn follow_obey(&self, obey: Obey) {
        *self.0.obey.write().unwrap_or_else(PoisonError::into_inner) = obey;
    }

    /// Tells that a pipeline has ended.
    pub(super) fn ended(&self, pipeline: &Pipeline) {
        let ended = Arc::clone(&self.0.ended.read().unwrap_or_else(PoisonError::into_inner));
        ended(pipeline);
    }

    /// From now on others hear of pipelines.
    pub fn follow_pipelines(&self, ended: Ended) {
        *self.0.ended.write().unwrap_or_else(PoisonError::into_inner) = ended;
    }

    /// Says what somebody should know who runs the server.
    pub(super) fn warn(&self, what: String) {
        (self.0.warn)(what);
    }

    /// Now, for people.
    pub(super) fn now(&self) -> Time {
        self.0.keeper.now()
    }

    /// How often somebody whom nobody knows may do what costs something.
    pub(super) fn rate(&self) -> Arc<Rate> {
        Arc::clone(&self.0.rate.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Which environment a label shows.
    pub(super) fn directory(&self) -> &Directory {
        &self.0.directory
    }

    /// What is counted.
    pub(super) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// Who is being used.
    pub(super) fn usage(&self) -> &Usage {
        &self.0.usage
    }

    /// Who asks environments.
    pub(super) fn client(&self) -> &Client {
        &self.0.client
    }

    /// Places for streams of events.
    pub(super) fn streams(&self) -> &Arc<Semaphore> {
        &self.0.streams
    }

    /// Places for requests that wait for an environment.
    pub(super) fn holds(&self) -> Arc<Semaphore> {
        Arc::clone(&self.0.holds.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Turns true when the server ends: what would go on for ever ends then.
    pub(super) fn ending(&self) -> watch::Receiver<bool> {
        self.0.ending.subscribe()
    }

    /// Ends what would go on for ever.
    pub(super) fn end(&self) {
        self.0.ending.send_replace(true);
    }
}
