//! Starting an environment, and noticing that it has ended.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use boatyard_cluster::deploy::Stop as Close;
use boatyard_cluster::forward::{self, Port, Told};
use boatyard_cluster::manifest::Id as Object;
use boatyard_cluster::namespace::{self, Found, Front, front, sleep, wake, workloads};
use boatyard_cluster::rollout::{Progress, View, progress};
use boatyard_cluster::trouble::Heals;
use boatyard_cluster::wait::Patience;
use boatyard_cluster::watch::Watch;
use boatyard_cluster::{Cluster, Owner};
use boatyard_preview::config::Way;
use boatyard_preview::environment::Environment;
use boatyard_preview::id::Id;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::happening;
use super::realm::Realm;
use crate::causes::in_one_line;
use crate::lane::{Stop, Trouble, Up};
use crate::logs::Part;

/// The keeper says when it has taken too long.
pub(super) const PATIENCE: Patience = Patience {
    timeout: Duration::from_secs(24 * 60 * 60),
    trouble: Duration::from_secs(30),
};
/// Until what cannot be looked at is looked at again.
const AGAIN: Duration = Duration::from_secs(5);

/// An environment that runs: what it prints is followed, and a way leads to it.
pub(crate) struct Running {
    realm: Arc<Realm>,
    id: Id,
    logs: JoinHandle<()>,
    way: Option<JoinHandle<()>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.logs.abort();
        self.way.iter().for_each(JoinHandle::abort);
    }
}

impl Up for Running {
    async fn ended(&mut self) -> String {
        let cluster = self.realm.inside(&self.id);
        let logs = &self.realm.site.settings.logs;
        let mut is_told = false;
        let why = loop {
            match over(&cluster).await {
                Ok(why) => break why,
                // Who does not let us look has not ended it.
                Err(error) => {
                    if !std::mem::replace(&mut is_told, true) {
                        let text =
                            format!("note: cannot look whether it runs: {}", in_one_line(&error));
                        logs.append(&self.id, Part::Run, &text);
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
        self.realm.tell(&self.id, happening::ended(&why));
        // What is told to have ended runs no more.
        let why = match Box::pin(sleep(&cluster)).await {
            Ok(()) => why,
            Err(error) => {
                let error = in_one_line(&error);
                format!("{why}\nand what is left of it cannot be ended: {error}")
            }
        };
        let last = self.realm.site.settings.logs.last(&self.id, Part::Run, 5);
        format!("{why}; its last lines:\n{}", last.join("\n"))
    }
}

impl Realm {
    /// Starts it, or finds it running; it answers when this returns.
    pub(super) async fn start(
        self: &Arc<Self>,
        one: &Environment,
        stop: &Stop,
    ) -> Result<Running, Trouble> {
        let cluster = self.inside(&one.id);
        let found = if let Some(found) = self.there(one, stop).await? {
            found
        } else {
            // Somebody has removed it: it is made again.
            Box::pin(self.prepare(one, stop)).await?;
            let gone = || Trouble::Failed("its namespace is gone".to_owned());
            self.there(one, stop).await?.ok_or_else(gone)?
        };
        let logs = &self.site.settings.logs;
        let seen = logs.seen(&one.id);
        let mut running = Running {
            realm: Arc::clone(self),
            id: one.id,
            logs: self.follow(one, &found.project, Part::Run, seen),
            way: None,
        };
        let said = |object: &Object, progress: &Progress| {
            if let Progress::Going { how_far, trouble } = progress {
                let why = trouble
                    .as_ref()
                    .map(|trouble| format!(": {}", trouble.message));
                let text = format!("{object}: {how_far}{}", why.unwrap_or_default());
                logs.append(&one.id, Part::Run, &text);
            }
        };
        let woken = stop.unless(Box::pin(wake(&cluster, PATIENCE, &said))).await;
        let outcome = match woken {
            Ok(Ok(())) => self.lead(one, &found, &mut running, stop).await,
            Ok(Err(error)) => Err(Trouble::of(error)),
            Err(given_up) => Err(given_up),
        };
        if let Err(trouble) = outcome {
            drop(running);
            let left = self.stop(one, &Stop::new()).await;
            return Err(trouble.with(left.err()));
        }
        Ok(running)
    }

    /// Puts it to sleep; that it does not run is what was wanted.
    pub(super) async fn stop(&self, one: &Environment, stop: &Stop) -> Result<(), Trouble> {
        self.site.set_address(&one.id, None);
        let cluster = self.inside(&one.id);
        stop.unless(Box::pin(sleep(&cluster)))
            .await?
            .map_err(Trouble::of)
    }

    /// What was made for it on the cluster, if it is there and does not go already.
    pub(super) async fn there(
        &self,
        one: &Environment,
        stop: &Stop,
    ) -> Result<Option<Found>, Trouble> {
        let name = self.namespace(&one.id);
        let found = Found::read(&self.terms.cluster, &name, self.server());
        let found = stop.unless(found).await?.map_err(Trouble::of)?;
        Ok(found.filter(|found| !found.is_going))
    }

    /// Finds or makes the way to what is ready.
    async fn lead(
        &self,
        one: &Environment,
        found: &Found,
        running: &mut Running,
        stop: &Stop,
    ) -> Result<(), Trouble> {
        let cluster = self.inside(&one.id);
        let service = stop.unless(front(&cluster, &found.front)).await?;
        let nowhere = || Trouble::Failed(format!("{} has no Service", found.front));
        let service = service.map_err(Trouble::of)?.ok_or_else(nowhere)?;
        let address = match self.terms.config.reach {
            Way::Service => service.address,
            Way::Forward => {
                let (way, opened) = open(cluster, found, service);
                running.way = Some(way);
                stop.unless(opened).await?.map_err(|_| {
                    Trouble::Failed(format!("no way to {} can be opened", found.front))
                })?
            }
        };
        self.site.set_address(&one.id, Some(address));
        Ok(())
    }
}

/// Opens a port here that leads to the pods of the role; where it is, once it is open.
fn open(
    cluster: Cluster,
    found: &Found,
    front: Front,
) -> (JoinHandle<()>, oneshot::Receiver<SocketAddr>) {
    let owner = Owner::new(&found.project);
    let wish = forward::Wish {
        process: found.front.clone(),
        ports: vec![Port {
            local: 0,
            remote: front.address.port(),
        }],
        address: IpAddr::V4(Ipv4Addr::LOCALHOST),
    };
    let (sender, opened) = oneshot::channel();
    let sender = std::sync::Mutex::new(Some(sender));
    let way = tokio::spawn(async move {
        let tell = |told: &Told<'_>| {
            if let Told::Open { address, .. } = told
                && let Some(sender) = sender.lock().ok().and_then(|mut one| one.take())
            {
                // Who no longer waits has given it up.
                let _ = sender.send(*address);
            }
        };
        // What cannot be opened is told by the sender that is gone.
        let _ = forward::forward(&cluster, &owner, &wish, &Close::default(), &tell).await;
    });
    (way, opened)
}

/// Returns why what runs in a namespace has ended for good.
async fn over(cluster: &Cluster) -> Result<String, namespace::Error> {
    let ids: Vec<Object> = workloads(cluster)
        .await?
        .into_iter()
        .map(|(id, _)| id)
        .collect();
    let kinds: BTreeSet<&str> = ids.iter().map(|id| id.kind.as_str()).collect();
    let mut watch = Watch::new(cluster, &kinds);
    loop {
        if let Some(view) = watch.view()
            && let Some(why) = ended(&view, &ids)
        {
            return Ok(why);
        }
        watch.next().await?;
    }
}

/// Why what runs has ended, if it has. What is only not ready for a while has not.
fn ended(view: &View, ids: &[Object]) -> Option<String> {
    if ids.is_empty() {
        return Some("what ran is no longer there".to_owned());
    }
    let sleeping = view.deployments.iter().find(|one| {
        let replicas = one.spec.as_ref().and_then(|spec| spec.replicas);
        replicas == Some(0)
    });
    if let Some(one) = sleeping {
        let name = one.metadata.name.clone().unwrap_or_default();
        return Some(format!("somebody has scaled Deployment/{name} to zero"));
    }
    let there = |id: &&Object| {
        id.kind != "Deployment"
            || view
                .deployments
                .iter()
                .any(|one| one.metadata.name.as_ref() == Some(&id.name))
    };
    if let Some(gone) = ids.iter().find(|id| !there(id)) {
        return Some(format!("{gone} is no longer there"));
    }
    ids.iter().find_map(|id| match progress(view, id) {
        Progress::Going {
            trouble: Some(trouble),
            ..
        } if trouble.heals() == Heals::Never => Some(format!("{id}: {}", trouble.message)),
        _ => None,
    })
}
