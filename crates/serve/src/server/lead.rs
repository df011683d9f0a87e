//! Leading: put together, begun with what is there, ended.

use std::sync::Arc;

use boatyard_cluster::lease::Term;
use tokio::sync::Notify;

use super::environments::{Environments, asking};
use super::error::ServeError;
use super::ground::Ground;
use super::led::continued;
use super::operator::{Operator, Pass};
use super::outside::{self, Working};
use super::pipelines::Pipelines;
use super::run::{LAST, Server};
use super::said::Said;
use crate::cluster::Terms;
use crate::journal::{Logins, Reader};
use crate::keeper::{Keeper, Stopped};
use crate::trace::Traces;
use crate::web::{Parts, Site};

/// How leading ended.
pub(super) enum Over {
    /// It was asked to end.
    Asked,
    /// Another server may lead.
    Lost,
}

/// Keeps environments until it is asked to end or does not lead any more.
pub(super) async fn lead(
    ground: &mut Ground,
    term: Option<(&Terms, &Term)>,
) -> Result<Over, ServeError> {
    let terms = match term {
        Some((terms, term)) => {
            continued(&ground.state, term)?;
            Some(terms.under(term.fence()))
        }
        None => None,
    };
    let state = ground.state.clone();
    let policy = ground.held.now().config.policy();
    let mut environments = None;
    let program = ground.program.clone();
    let site = ground
        .held
        .site(program, &ground.home, &state, &ground.logs);
    let (keeper, thread) = Keeper::open(&state, policy, |keeper| {
        if let Some((_, term)) = term {
            keeper.fenced(term.fence().clone());
        }
        let terms = terms.map(|terms| asking(terms, keeper));
        let keeper = keeper.clone();
        let made = Environments::new(site, terms, move |told| keeper.tell(told));
        environments = Some(made.clone());
        Arc::new(made)
    })?;
    let environments = environments.expect("a keeper that is open has asked for its backend");
    let begun = begin(ground, &keeper, &environments).await;
    let over = match begun {
        Ok((server, pass)) => server.run(ground, &pass, lost(term)).await,
        Err(error) => Err(error),
    };
    environments.end(LAST).await;
    keeper.stop();
    // What it has not written down by then, nobody was told.
    let ended = tokio::task::spawn_blocking(|| thread.join());
    let is_ended = tokio::time::timeout(LAST, ended).await.is_ok();
    match over {
        // Two keepers would be at it.
        Ok(Over::Lost) if !is_ended => Err(Stopped("the keeper does not end".to_owned()).into()),
        over => over,
    }
}

/// Puts together what works, and takes over what is there.
async fn begin(
    ground: &Ground,
    keeper: &Keeper,
    environments: &Environments,
) -> Result<(Arc<Server>, Pass), ServeError> {
    let (held, state, address) = (&ground.held, &ground.state, ground.address);
    // Two servers cannot share the home: by now it is ours.
    keeper.adopt(environments.found().await?).await?;
    let pass = Pass::make(&ground.home, address).map_err(|source| ServeError::Operator {
        path: Operator::file(&ground.home),
        source,
    })?;
    let (mut settings, hooks) = held.now().web(pass.kept(), &held.folder)?;
    if let Some(collector) = &ground.otlp {
        let traces = Traces::to(collector);
        settings.traces = traces.map_err(|source| ServeError::Start { source })?;
    }
    let working = Working::default();
    let site = Site::new(Parts {
        keeper: keeper.clone(),
        backend: Arc::new(environments.clone()),
        journal: Reader::open(state)?,
        logins: Logins::open(state)?,
        logs: ground.logs.clone(),
        hooks,
        mark: outside::mark(&working),
        warn: {
            let say = Arc::clone(&ground.say);
            Arc::new(move |what| say(&Said::Warning(what)))
        },
        settings,
    });
    let pipelines = Arc::new(Pipelines::default());
    let heard = Arc::clone(&pipelines);
    site.follow_pipelines(Arc::new(move |ended| heard.hear(ended)));
    let server = Arc::new(Server {
        held: held.clone(),
        state: state.clone(),
        logs: ground.logs.clone(),
        keeper: keeper.clone(),
        environments: environments.clone(),
        site,
        operator: pass.kept(),
        working,
        pipelines,
        lost: Notify::new(),
        meant: ground.meant,
        say: ground.say.clone(),
    });
    let outside = server.outside(&server.held)?;
    outside::set(&server.working, &server.site, Some(outside));
    Ok((server, pass))
}

/// Returns once it does not lead any more.
async fn lost(term: Option<(&Terms, &Term)>) {
    match term {
        Some((_, term)) => term.lost().await,
        None => std::future::pending().await,
    }
}
