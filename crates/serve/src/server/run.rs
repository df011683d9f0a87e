//! The server, from start to end.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use boatyard_preview::config::{Address, Config, Token};
use boatyard_preview::id::label;
use boatyard_preview::inventory::Records;
use boatyard_preview::phase::Event;
use tokio::runtime::Builder;
use tokio::sync::{Notify, oneshot};
use tokio::time::timeout;

use super::environments::{Environments, connect};
use super::error::ServeError;
use super::ground::Ground;
use super::held::{Held, Settled};
use super::lead::{Over, lead};
use super::operator::Pass;
use super::outside::{self, Outside, Working};
use super::pipelines::Pipelines;
use super::said::{Said, Say};
use super::shelf::Shelf;
use super::signals::Asked;
use super::standby::stand_by;
use crate::causes::in_one_line;
use crate::journal::Reader;
use crate::keeper::Keeper;
use crate::logs::Logs;
use crate::sys::{give_back_memory, keep_heap_small};
use crate::web::{self, Site};

/// How often what nobody knows is looked for.
const SWEEP: Duration = Duration::from_secs(60 * 60);
/// How soon memory is given back for the first time, and how often later: a start needs much for a moment.
const GIVE_BACK: (Duration, Duration) = (Duration::from_millis(25), Duration::from_secs(60));
/// In between the server waits for this part of the time since it began, or began to lead.
const PART: u32 = 100;
/// For what is under way when the server ends.
pub(super) const LAST: Duration = Duration::from_secs(4);

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
pub(super) struct Server {
    pub(super) held: Held,
    pub(super) state: PathBuf,
    pub(super) logs: Logs,
    pub(super) keeper: Keeper,
    pub(super) environments: Environments,
    pub(super) site: Site,
    pub(super) operator: Token,
    pub(super) working: Working,
    /// Pipelines that have ended.
    pub(super) pipelines: Arc<Pipelines>,
    /// Somebody has a snapshot less or is gone: what is left of that is to be taken away.
    pub(super) lost: Notify,
    /// Where the file had it listen.
    pub(super) meant: SocketAddr,
    pub(super) say: Say,
}

/// Runs until it is asked to end.
///
/// # Errors
/// If it cannot start.
pub fn run(start: Start) -> Result<(), ServeError> {
    keep_heap_small();
    boatyard_pages::divide(boatyard_pages::SMALL);
    boatyard_pages::let_go();
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
    let mut ground = Ground::new(start)?;
    let begins = Arc::new(Notify::new());
    tokio::spawn(be_thrifty(Arc::clone(&begins)));
    let terms = connect(&ground.held).await?;
    let Some(terms) = terms else {
        // What is on this machine is this machine's: the lock of the journal keeps others away.
        return lead(&mut ground, None).await.map(drop);
    };
    while let Some(term) = stand_by(&mut ground, &terms).await? {
        begins.notify_one();
        let over = lead(&mut ground, Some((&terms, &term))).await;
        let is_lost = !term.fence().holds();
        if !is_lost {
            // Who cannot release it leaves it to end by itself.
            let _ = timeout(LAST, term.release()).await;
        }
        match over {
            Ok(Over::Asked) => return Ok(()),
            Ok(Over::Lost) => {}
            // It was lost while we began.
            Err(_) if is_lost => {}
            Err(error) => return Err(error),
        }
        let what = "the lease is lost: another server may lead, and nothing more is done here";
        (ground.say)(&Said::Warning(what.to_owned()));
    }
    (ground.say)(&Said::Ending);
    Ok(())
}

/// Whether only this machine hears what is sent to the server that listens there.
fn is_of_this_machine(url: &str, listens: SocketAddr) -> bool {
    listens.ip().is_loopback() && Address::parse(url).is_ok_and(|url| url.is_loopback())
}

/// Gives back memory for ever, as after a start each time that something `begins`.
async fn be_thrifty(begins: Arc<Notify>) {
    let (mut begin, (first, last)) = (Instant::now(), GIVE_BACK);
    loop {
        let wait = (begin.elapsed() / PART).clamp(first, last);
        if timeout(wait, begins.notified()).await.is_ok() {
            begin = Instant::now();
            continue;
        }
        let give_back = || {
            give_back_memory();
            boatyard_pages::let_go();
        };
        let _ = tokio::task::spawn_blocking(give_back).await;
    }
}

impl Server {
    /// Answers and works until it is asked to end or `lost` returns.
    pub(super) async fn run(
        self: Arc<Self>,
        ground: &mut Ground,
        pass: &Pass,
        lost: impl Future<Output = ()>,
    ) -> Result<Over, ServeError> {
        let listener = ground.listener()?;
        let mut lost = pin!(lost);
        let url = self.held.now().config.url();
        let address = ground.address;
        // Whoever hears that we listen hears all that happens from now on.
        let told = self.keeper.feed().last();
        (self.say)(&Said::Listening {
            login: is_of_this_machine(&url, address).then(|| pass.login(&url)),
            url,
            address,
        });
        let (end, ends) = oneshot::channel::<()>();
        let web = tokio::spawn(web::serve(self.site.clone(), listener, async {
            let _ = ends.await;
        }));
        let tasks = [
            tokio::spawn(Arc::clone(&self).tell_changes(told)),
            tokio::spawn(Arc::clone(&self).sweep()),
            tokio::spawn(Arc::clone(&self).verify()),
            tokio::spawn(Arc::clone(&self).lead_hosts()),
            tokio::spawn(Arc::clone(&self).wait_for_images()),
        ];
        let over = loop {
            tokio::select! {
                asked = ground.signals.next() => match asked {
                    Asked::Reload => {
                        let said = self.follow((ground.reload)()).await;
                        (self.say)(&said);
                    }
                    Asked::End => {
                        (self.say)(&Said::Ending);
                        break Over::Asked;
                    }
                },
                () = &mut lost => break Over::Lost,
            }
        };
        outside::set(&self.working, &self.site, None);
        tasks.iter().for_each(tokio::task::JoinHandle::abort);
        let _ = end.send(());
        let web = timeout(LAST, web);
        let (_, ()) = tokio::join!(web, self.environments.end(LAST));
        Ok(over)
    }

    /// Who watches and tells the forges of that configuration.
    pub(super) fn outside(&self, held: &Held) -> Result<Outside, ServeError> {
        let before = self.site.troubles();
        Outside::start(
            held,
            &self.state,
            (&self.keeper, &self.logs),
            (&before, &self.say),
            self.environments.trouble(),
        )
    }

    /// Takes what was read again, if it is whole; what came of it.
    async fn follow(&self, read: Result<Config, String>) -> Said {
        let stays = |why| Said::Warning(format!("the configuration stays as it is: {why}"));
        let config = match read {
            Ok(config) => config,
            Err(why) => return stays(why),
        };
        let meant = config.server.listen;
        let is_moved = config.cluster != self.held.now().config.cluster;
        if let Err(error) = self.reload(config).await {
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
    async fn reload(&self, config: Config) -> Result<(), ServeError> {
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
        outside::set(&self.working, &self.site, Some(outside));
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

    /// Says what changes after the change of that number.
    async fn tell_changes(self: Arc<Self>, mut last: u64) {
        let feed = self.keeper.feed();
        let mut follow = feed.follow();
        follow.mark_changed();
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
                if kept.loses(&change) || change.environment.is_none() {
                    self.lost.notify_one();
                }
                let label = change.environment.as_ref().map(|one| label(&one.revision));
                let url = label.map(|label| self.site.settings().url(&label));
                (self.say)(&Said::Changed { change, url });
            }
        }
    }

    /// What is in the records.
    fn known(&self) -> Records {
        self.keeper.look(|known| known.inventory.records())
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
                    () = self.environments.disturbed() => break,
                    () = self.lost.notified() => self.sweep_snapshots().await,
                }
            }
        }
    }
}
