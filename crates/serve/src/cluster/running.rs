//! Starting an environment, and noticing that it has ended.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use boatyard_cluster::deploy::Stop as Close;
use boatyard_cluster::forward::{self, Port, Told};
use boatyard_cluster::manifest::Id as Object;
use boatyard_cluster::namespace::{self, Found, Front, front, sleep, wake, workloads};
use boatyard_cluster::rollout::{Progress, View, progress};
use boatyard_cluster::wait::Patience;
use boatyard_cluster::watch::look;
use boatyard_cluster::{Cluster, Owner};
use boatyard_preview::config::Way;
use boatyard_preview::environment::Environment;
use boatyard_preview::id::Id;
use boatyard_preview::phase::Event;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::ears::{Listener, Spot};
use super::happening;
use super::lines::Lines;
use super::realm::Realm;
use super::verdict::{ended, gone, lacking};
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

/// Why it has ended, if there are no workloads.
const NOTHING: &str = "what ran is no longer there";
const GONE: &str = "somebody has removed its namespace";

/// An environment that runs: what it prints is followed, and a way leads to it.
pub(crate) struct Running {
    realm: Arc<Realm>,
    id: Id,
    heard: Listener,
    /// Its workloads, as they were seen last.
    ids: Vec<Object>,
    /// What was last said of each workload that is not ready.
    told: BTreeMap<Object, String>,
    /// What it prints is copied.
    _lines: Lines,
    way: Option<JoinHandle<()>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.way.iter().for_each(JoinHandle::abort);
    }
}

impl Up for Running {
    async fn ended(&mut self) -> Event {
        let realm = Arc::clone(&self.realm);
        let cluster = realm.inside(&self.id);
        let logs = &realm.site.settings.logs;
        let mut is_told = false;
        let why = loop {
            match Box::pin(self.over(&cluster)).await {
                Ok(Some(why)) => break why,
                Ok(None) => {
                    is_told = false;
                    self.heard.changed().await;
                }
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
        self.realm.broken(&self.id, &why)
    }
}

impl Running {
    /// Why what runs has ended for good, if it has; what is not ready for a while is noted.
    async fn over(&mut self, cluster: &Cluster) -> Result<Option<String>, namespace::Error> {
        let realm = Arc::clone(&self.realm);
        let _one = realm.ears.looks.acquire().await;
        let ids: Vec<Object> = workloads(cluster)
            .await?
            .into_iter()
            .map(|(id, _)| id)
            .collect();
        let missing = self.ids.iter().find(|id| !ids.contains(id));
        if let Some(missing) = missing.filter(|_| !ids.is_empty()) {
            realm.torn().insert(self.id);
            return self.missed(cluster, &lacking(missing)).await.map(Some);
        }
        self.ids.clone_from(&ids);
        if ids.is_empty() {
            return self.missed(cluster, NOTHING).await.map(Some);
        }
        let view = look(cluster, &ids).await?;
        if let Some(gone) = gone(&view, &ids) {
            return self.missed(cluster, &lacking(gone)).await.map(Some);
        }
        if let Some(why) = ended(&view, &ids) {
            return Ok(Some(why));
        }
        for id in ids {
            self.tell(id, &view);
        }
        Ok(None)
    }

    /// Why something is not there any more: because of `else_why` if the namespace still is.
    async fn missed(&self, cluster: &Cluster, else_why: &str) -> Result<String, namespace::Error> {
        let (all, server) = (&self.realm.terms.cluster, self.realm.server());
        let there = Found::read(all, cluster.namespace(), server).await?;
        let is_there = there.is_some_and(|there| !there.is_going);
        Ok(if is_there { else_why } else { GONE }.to_owned())
    }

    /// Notes what is different of a workload.
    fn tell(&mut self, id: Object, view: &View) {
        let logs = &self.realm.site.settings.logs;
        match progress(view, &id) {
            Progress::Done => {
                if self.told.remove(&id).is_some() {
                    logs.append(&self.id, Part::Run, &format!("note: {id} is ready again"));
                }
            }
            Progress::Going { how_far, trouble } => {
                let why = trouble.map(|trouble| format!(": {}", trouble.message));
                let text = format!("note: {id}: {how_far}{}", why.unwrap_or_default());
                if self.told.get(&id) != Some(&text) {
                    logs.append(&self.id, Part::Run, &text);
                    self.told.insert(id, text);
                }
            }
        }
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
        let found = self.there(one, stop).await?;
        let found = if let Some(found) = found
            && self.is_whole(&one.id, stop).await?
        {
            found
        } else {
            // Somebody has removed it or a part of it: it is made again.
            Box::pin(self.mend(one, stop)).await?;
            self.torn().remove(&one.id);
            let gone = || Trouble::Failed("its namespace is gone".to_owned());
            self.there(one, stop).await?.ok_or_else(gone)?
        };
        let logs = &self.site.settings.logs;
        let seen = logs.seen(&one.id);
        let mut running = Running {
            realm: Arc::clone(self),
            id: one.id,
            heard: self.ears.listen(&Spot::of(found.namespace.clone())),
            ids: Vec::new(),
            told: BTreeMap::new(),
            _lines: self.follow(one, &found.project, Part::Run, seen),
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
        if let Err(trouble) = self.settle(&cluster, &found, stop).await {
            drop(running);
            return Err(trouble);
        }
        let woken = stop.unless(Box::pin(wake(&cluster, PATIENCE, &said))).await;
        let outcome = match woken {
            Ok(Ok(())) => self.lead(one, &found, &mut running, stop).await,
            Ok(Err(error)) => Err(Trouble::of(error)),
            Err(given_up) => Err(given_up),
        };
        if let Err(trouble) = outcome {
            drop(running);
            // Who ends or cannot see the cluster leaves as it is what may well run.
            if matches!(trouble, Trouble::Away(_) | Trouble::GivenUp) {
                return Err(trouble);
            }
            let left = self.stop(one, &Stop::new()).await;
            return Err(trouble.with(left.err()));
        }
        Ok(running)
    }

    /// What ran is broken, because of that; what is left of it is to be ended.
    pub(super) fn broken(&self, id: &Id, why: &str) -> Event {
        let last = self.site.settings.logs.last(id, Part::Run, 5);
        Event::Break(format!("{why}; its last lines:\n{}", last.join("\n")))
    }

    /// Whether what was deployed is there, as far as is known.
    async fn is_whole(&self, id: &Id, stop: &Stop) -> Result<bool, Trouble> {
        let cluster = self.inside(id);
        let there = stop.unless(workloads(&cluster)).await?;
        let there = there.map_err(Trouble::of)?;
        Ok(!there.is_empty() && !self.torn().contains(id))
    }

    /// Puts it to sleep; that it does not run is what was wanted.
    pub(super) async fn stop(&self, one: &Environment, stop: &Stop) -> Result<(), Trouble> {
        self.site.set_address(&one.id, None);
        self.stop_all(&self.inside(&one.id), stop).await
    }

    /// The same of all that is in a namespace.
    pub(super) async fn stop_all(&self, cluster: &Cluster, stop: &Stop) -> Result<(), Trouble> {
        let asleep = stop.unless(Box::pin(sleep(cluster))).await?;
        asleep.map_err(Trouble::of)
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
