//! The server, from start to end.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use boatyard_preview::config::Config;
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::error::ServeError;
use super::origins::Holding;
use super::said::{Said, Say};
use super::{plain, secret};
use crate::backend::Backend;
use crate::keeper::Keeper;
use crate::local::{Local, Settings};
use crate::logs::Logs;

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
    /// The folder that relative files of it are in.
    pub beside: PathBuf,
    /// Reads the configuration again; the error says what is wrong with it.
    pub reload: Box<dyn Fn() -> Result<Config, String> + Send + Sync>,
    /// Who hears what the server says.
    pub say: Say,
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
    let begins = |source| ServeError::Start { source };
    let state = start.home.join("serve");
    let made = fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&state);
    made.map_err(|source| ServeError::Folder {
        path: state.clone(),
        source,
    })?;
    let secrets = secret::all(&start.config, &start.beside)?;
    let logs = Logs::new(&state.join("log"));
    logs.conceal(secrets);
    let address = start.config.server.listen;
    let policy = start.config.policy();
    let holding = Holding::new(start.config, start.beside);
    let mut signals = Signals::catch().map_err(begins)?;

    let mut local = None;
    let settings = Settings {
        program: start.program,
        home: start.home,
        state: state.clone(),
        origin: holding.origins(),
        logs: logs.clone(),
    };
    let (keeper, thread) = Keeper::open(&state, policy, |keeper| {
        let keeper = keeper.clone();
        let made = Local::new(settings, move |told| keeper.tell(told));
        local = Some(made.clone());
        Arc::new(made)
    })?;
    let local = local.expect("a keeper that is open has asked for its backend");
    let failed = |source| ServeError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    (start.say)(&Said::Listening {
        url: holding.now().url(),
        address: listener.local_addr().map_err(failed)?,
    });
    let tasks = [
        tokio::spawn(tell_changes(
            keeper.clone(),
            local.clone(),
            Arc::clone(&start.say),
        )),
        tokio::spawn(sweep(
            keeper.clone(),
            local,
            holding.clone(),
            Arc::clone(&start.say),
        )),
        tokio::spawn(plain::watch(
            keeper.clone(),
            holding.clone(),
            Arc::clone(&start.say),
        )),
    ];
    while signals.next().await == Asked::Reload {
        let said = match (start.reload)().map(|config| take(&holding, &logs, config)) {
            Ok(Ok(policy)) => match keeper.follow_policy(policy).await {
                Ok(()) => Said::Reloaded,
                Err(stopped) => Said::Warning(stopped.to_string()),
            },
            Ok(Err(error)) => Said::Warning(error.to_string()),
            Err(why) => Said::Warning(format!("the configuration stays as it is: {why}")),
        };
        (start.say)(&said);
    }
    (start.say)(&Said::Ending);
    tasks.iter().for_each(tokio::task::JoinHandle::abort);
    keeper.stop();
    // What it has not written down by then, nobody was told.
    let _ = tokio::time::timeout(LAST, tokio::task::spawn_blocking(|| thread.join())).await;
    Ok(())
}

/// Takes another configuration; what is decided by from now on.
fn take(
    holding: &Holding,
    logs: &Logs,
    config: Config,
) -> Result<boatyard_preview::policy::Policy, ServeError> {
    logs.conceal(secret::all(&config, &holding.beside)?);
    let policy = config.policy();
    holding.set(config);
    Ok(policy)
}

async fn tell_changes(keeper: Keeper, local: Local, say: Say) {
    let mut follow = keeper.feed().follow();
    let mut last = *follow.borrow_and_update();
    while follow.changed().await.is_ok() {
        follow.borrow_and_update();
        let changes = keeper.feed().since(last, usize::MAX).unwrap_or_default();
        last = keeper.feed().last();
        for change in changes {
            let address = local.address(&change.id);
            say(&Said::Changed { change, address });
        }
    }
}

async fn sweep(keeper: Keeper, local: Local, holding: Holding, say: Say) {
    loop {
        let keep = holding.now().keep_logs;
        let known = || -> BTreeSet<_> {
            keeper.look(|known| known.inventory.all().map(|one| one.id.clone()).collect())
        };
        for said in local.sweep(keep, known).await {
            say(&Said::Swept(said));
        }
        tokio::time::sleep(SWEEP).await;
    }
}

/// What the server is asked for by a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    End,
    Reload,
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

impl Signals {
    fn catch() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> Asked {
        tokio::select! {
            _ = self.terminate.recv() => Asked::End,
            _ = self.interrupt.recv() => Asked::End,
            _ = self.hangup.recv() => Asked::Reload,
        }
    }
}
