//! The server, from start to end.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use boatyard_preview::config::{Address, Config, Token};
use boatyard_preview::environment::Environment;
use boatyard_preview::id::{Id, label};
use boatyard_preview::phase::Event;
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::sync::{Notify, oneshot};

use super::environments::{Environments, connect};
use super::error::ServeError;
use super::held::{Held, Settled};
use super::operator::{Operator, Pass};
use super::outside::{self, Outside, Working};
use super::said::{Said, Say};
use super::shelf::Shelf;
use super::signals::{Asked, Signals};
use crate::causes::in_one_line;
use crate::journal::{Logins, Reader};
use crate::keeper::Keeper;
use crate::logs::Logs;
use crate::trace::Traces;
use crate::web::{self, Parts, Site};

/// How often what nobody knows is looked for.
const SWEEP: Duration = Duration::from_secs(60 * 60);
/// For what is under way when the server ends.
const LAST: Duration = Duration::from_secs(4);

/// What the server is started with.
pub struct Start {
    /// Our own command.
    pub program: PathBuf,
    /// `$BOATYARD_HOME`.
    pub home: PathBuf,
    /// The configuration.
    pub config: Config,
    /// The file that it is in; none: there is none. It is read again when it changes.
    pub file: Option<PathBuf>,
    /// The folder that relative files of it are in.
    pub beside: PathBuf,
    /// Reads the configuration again; the error says what is wrong with it.
    pub reload: Box<dyn Fn() -> Result<Config, String> + Send + Sync>,
    /// Who hears what the server says.
    pub say: Say,
    /// The collector of traces, if there is one.
    pub otlp: Option<String>,
}

/// What works together.
struct Server {
    held: Held,
    state: PathBuf,
    logs: Logs,
    keeper: Keeper,
    environments: Environments,
    site: Site,
    operator: Token,
    /// Somebody has a snapshot less, which is to be taken away.
    lost: Notify,
    /// Where the file had it listen.
    meant: SocketAddr,
    say: Say,
}

/// Runs until it is asked to end.
///
/// # Errors
/// If it cannot start.
pub fn run(start: Start) -> Result<(), ServeError> {
    let begins = |source| ServeError::Start { source };
    let runtime = Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(begins)?;
    let ended = runtime.block_on(serve(start));
    // Children that still work are on leashes, which end with us.
    runtime.shutdown_timeout(LAST);
    ended
}

async fn serve(start: Start) -> Result<(), ServeError> {
    let state = start.home.join("serve");
    let made = fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&state);
    made.map_err(|source| ServeError::Folder {
        path: state.clone(),
        source,
    })?;
    let settled = Settled::read(start.config, &start.beside)?;
    let address = settled.config.server.listen;
    let meant = address;
    let failed = |source| ServeError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let settled = settled.at(address);
    let policy = settled.config.policy();
    let logs = Logs::new(&state.join("log"));
    logs.conceal(settled.concealed());
    let held = Held::new(settled, start.beside);
    let mut signals = Signals::catch(start.file).map_err(|source| ServeError::Start { source })?;

    let terms = connect(held.now().config.cluster.as_ref()).await?;
    let mut environments = None;
    let site = held.site(start.program, &start.home, &state, &logs);
    let (keeper, thread) = Keeper::open(&state, policy, |keeper| {
        let keeper = keeper.clone();
        let made = Environments::new(site, terms, move |told| keeper.tell(told));
        environments = Some(made.clone());
        Arc::new(made)
    })?;
    let environments = environments.expect("a keeper that is open has asked for its backend");
    // Two servers cannot share the home: by now it is ours.
    keeper.adopt(environments.found().await?).await?;
    let pass = Pass::make(&start.home, address).map_err(|source| ServeError::Operator {
        path: Operator::file(&start.home),
        source,
    })?;
    let (mut settings, hooks) = held.now().web(pass.kept(), &held.folder)?;
    if let Some(collector) = &start.otlp {
        let traces = Traces::to(collector);
        settings.traces = traces.map_err(|source| ServeError::Start { source })?;
    }
    let working = Working::default();
    let site = Site::new(Parts {
        keeper: keeper.clone(),
        backend: Arc::new(environments.clone()),
        journal: Reader::open(&state)?,
        logins: Logins::open(&state)?,
        logs: logs.clone(),
        hooks,
        mark: outside::mark(&working),
        settings,
    });
    let server = Arc::new(Server {
        held,
        state,
        logs,
        keeper,
        environments,
        site,
        operator: pass.kept(),
        lost: Notify::new(),
        meant,
        say: start.say,
    });
    outside::set(&working, &server.site, Some(server.outside(&server.held)?));

    let url = server.held.now().config.url();
    (server.say)(&Said::Listening {
        login: is_of_this_machine(&url, address).then(|| pass.login(&url)),
        url,
        address,
    });
    let (end, ends) = oneshot::channel::<()>();
    let web = tokio::spawn(web::serve(server.site.clone(), listener, async {
        let _ = ends.await;
    }));
    let tasks = [
        tokio::spawn(Arc::clone(&server).tell_changes()),
        tokio::spawn(Arc::clone(&server).sweep()),
        tokio::spawn(Arc::clone(&server).verify()),
    ];
    while signals.next().await == Asked::Reload {
        let said = server.follow((start.reload)(), &working).await;
        (server.say)(&said);
    }
    (server.say)(&Said::Ending);
    outside::set(&working, &server.site, None);
    tasks.iter().for_each(tokio::task::JoinHandle::abort);
    let _ = end.send(());
    let _ = tokio::time::timeout(LAST, web).await;
    server.keeper.stop();
    // What it has not written down by then, nobody was told.
    let ended = tokio::task::spawn_blocking(|| thread.join());
    let _ = tokio::time::timeout(LAST, ended).await;
    Ok(())
}

/// Whether only this machine hears what is sent to the server that listens there.
fn is_of_this_machine(url: &str, listens: SocketAddr) -> bool {
    listens.ip().is_loopback() && Address::parse(url).is_ok_and(|url| url.is_loopback())
}

impl Server {
    /// Who watches and tells the forges of that configuration.
    fn outside(&self, held: &Held) -> Result<Outside, ServeError> {
        let before = self.site.troubles();
        Outside::start(
            held,
            &self.state,
            (&self.keeper, &self.logs),
            (&before, &self.say),
        )
    }

    /// Takes what was read again, if it is whole; what came of it.
    async fn follow(&self, read: Result<Config, String>, working: &Working) -> Said {
        let stays = |why| Said::Warning(format!("the configuration stays as it is: {why}"));
        let config = match read {
            Ok(config) => config,
            Err(why) => return stays(why),
        };
        let meant = config.server.listen;
        let is_moved = config.cluster != self.held.now().config.cluster;
        if let Err(error) = self.reload(config, working).await {
            return stays(in_one_line(&error));
        }
        if meant != self.meant {
            let address = self.held.now().config.server.listen;
            let what = format!("it listens at {address} until it is started again");
            (self.say)(&Said::Warning(what));
        }
        if is_moved {
            let what = "environments stay where they are until it is started again";
            (self.say)(&Said::Warning(what.to_owned()));
        }
        Said::Reloaded
    }

    /// Takes another configuration, if it is whole; others work by it.
    async fn reload(&self, config: Config, working: &Working) -> Result<(), ServeError> {
        let settled = Settled::read(config, &self.held.folder)?;
        let settled = settled.at(self.held.now().config.server.listen);
        let policy = settled.config.policy();
        let (settings, hooks) = settled.web(self.operator.clone(), &self.held.folder)?;
        let concealed = settled.concealed();
        let new = Held::new(settled, self.held.folder.clone());
        let outside = self.outside(&new)?;
        self.logs.conceal(concealed);
        self.held.take(&new);
        self.site.follow(settings, hooks);
        self.keeper.follow_policy(policy).await?;
        outside::set(working, &self.site, Some(outside));
        Ok(())
    }

    /// Says what somebody else has changed in what was written down of what happened.
    async fn verify(self: Arc<Self>) {
        let state = self.state.clone();
        let found = tokio::task::spawn_blocking(move || Reader::open(&state)?.damage()).await;
        let said = match found {
            Ok(Ok(damage)) => damage,
            Ok(Err(error)) => vec![in_one_line(&error)],
            Err(ended) => vec![ended.to_string()],
        };
        for what in said {
            (self.say)(&Said::Warning(what));
        }
    }

    async fn tell_changes(self: Arc<Self>) {
        let feed = self.keeper.feed();
        let mut follow = feed.follow();
        let mut last = *follow.borrow_and_update();
        let mut kept = Shelf::of(&self.known());
        while follow.changed().await.is_ok() {
            follow.borrow_and_update();
            let Ok(changes) = feed.since(last, usize::MAX) else {
                // More came at once than is kept: what is shown goes on with the newest.
                last = feed.last();
                continue;
            };
            for change in changes {
                last = change.number;
                if kept.loses(&change) {
                    self.lost.notify_one();
                }
                let label = change.environment.as_ref().map(|one| label(&one.revision));
                let url = label.map(|label| self.site.settings().url(&label));
                (self.say)(&Said::Changed { change, url });
            }
        }
    }

    /// What is in the records.
    fn known(&self) -> BTreeMap<Id, Environment> {
        self.keeper.look(|known| {
            let all = known.inventory.all();
            all.map(|one| (one.id, one.clone())).collect()
        })
    }

    async fn sweep_snapshots(&self) {
        for said in self.environments.sweep_snapshots(|| self.known()).await {
            (self.say)(&Said::Swept(said));
        }
    }

    async fn sweep(self: Arc<Self>) {
        loop {
            let keep = self.held.now().config.keep_logs;
            let swept = self.environments.sweep(keep, || self.known()).await;
            for said in swept.said {
                (self.say)(&Said::Swept(said));
            }
            for id in swept.lost {
                // It is being removed by now, or something else is: that is known better.
                if self.keeper.ask(&id, Event::Reset, "boatyard").await.is_ok() {
                    (self.say)(&Said::Swept(format!("{id} is made anew: it is gone")));
                }
            }
            self.sweep_snapshots().await;
            let next = tokio::time::sleep(SWEEP);
            tokio::pin!(next);
            loop {
                tokio::select! {
                    () = &mut next => break,
                    () = self.lost.notified() => self.sweep_snapshots().await,
                }
            }
        }
    }
}
