//! An environment that is made by kubefiles, and runs.

use std::sync::Arc;
use std::time::Duration;

use boatyard_cluster::Refusal;
use boatyard_cluster::runboat::Installed;
use boatyard_preview::id::Id;
use boatyard_preview::phase::Event;
use tokio::task::JoinHandle;

use crate::causes::in_one_line;
use crate::cluster::ears::Listener;
use crate::cluster::lines::Lines;
use crate::cluster::realm::Realm;
use crate::cluster::running::Running;
use crate::lane::Up;
use crate::logs::Part;

/// How often what runs is looked at though nothing was heard of it.
const LOOK: Duration = Duration::from_secs(60);
/// Until what cannot be looked at is looked at again.
const AGAIN: Duration = Duration::from_secs(5);

/// It runs: what it prints is followed, and a way leads to it.
pub(crate) struct Built {
    pub(super) realm: Arc<Realm>,
    pub(super) id: Id,
    pub(super) heard: Listener,
    pub(super) at: Installed,
    /// What it prints is copied.
    pub(super) _lines: Lines,
    pub(super) way: Option<JoinHandle<()>>,
}

/// What runs, whatever it is made by.
pub(crate) enum Runs {
    /// By our own command.
    Own(Box<Running>),
    /// By kubefiles.
    Build(Box<Built>),
}

impl Up for Runs {
    async fn ended(&mut self) -> Event {
        match self {
            Self::Own(own) => own.ended().await,
            Self::Build(built) => built.ended().await,
        }
    }
}

impl Drop for Built {
    fn drop(&mut self) {
        self.way.iter().for_each(JoinHandle::abort);
    }
}

impl Built {
    async fn ended(&mut self) -> Event {
        let mut is_told = false;
        let why = loop {
            match Box::pin(over(&self.at)).await {
                Ok(Some(why)) => break why,
                Ok(None) => {
                    is_told = false;
                    self.heard.changed_within(LOOK).await;
                }
                // Who does not let us look has not ended it.
                Err(error) => {
                    if !std::mem::replace(&mut is_told, true) {
                        let error = in_one_line(&error);
                        let text = format!("note: cannot look whether it runs: {error}");
                        self.realm
                            .site
                            .settings
                            .logs
                            .append(&self.id, Part::Run, &text);
                    }
                    tokio::time::sleep(AGAIN).await;
                }
            }
        };
        if self.realm.is_lost() {
            // Whoever leads by now sees it, too.
            std::future::pending::<()>().await;
        }
        self.realm.site.set_address(&self.id, None);
        self.realm.broken(&self.id, &why)
    }
}

/// Why a build has ended for good, if it has.
async fn over(at: &Installed) -> Result<Option<String>, Refusal> {
    Ok(match at.there().await? {
        None => Some(format!(
            "the Deployment of the build {} is no longer there",
            at.name()
        )),
        Some(there) if there.is_going => Some(format!(
            "somebody has deleted Deployment/{}",
            there.deployment
        )),
        Some(there) if there.replicas == 0 => Some(format!(
            "somebody has scaled Deployment/{} to zero",
            there.deployment
        )),
        Some(_) => None,
    })
}
