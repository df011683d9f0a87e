//! Starting an environment that is made by kubefiles, stopping it, and noticing that it has ended.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use boatyard_cluster::Cluster;
use boatyard_cluster::deploy::Stop as Close;
use boatyard_cluster::forward::{self, Port, Told};
use boatyard_cluster::kubefiles::Mode;
use boatyard_cluster::process::Whose;
use boatyard_cluster::runboat::{Front, Installed};
use boatyard_preview::config::Way;
use boatyard_preview::environment::Environment;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::built::Built;
use super::files::{Kubefiles, filled};
use crate::cluster::realm::Realm;
use crate::cluster::running::PATIENCE;
use crate::lane::{Stop, Trouble};
use crate::logs::Part;

impl Realm {
    /// Starts it, or finds it running: then nothing of it is touched.
    pub(super) async fn run(
        self: &Arc<Self>,
        one: &Environment,
        stop: &Stop,
    ) -> Result<Built, Trouble> {
        let mut found = self.installed(one, stop).await?;
        if found.as_ref().is_none_or(|there| there.is_going) {
            // Somebody has removed it: it is made again.
            Box::pin(self.install(one, stop)).await?;
            found = self.installed(one, stop).await?;
        }
        let there = found.ok_or_else(|| Trouble::Failed("its Deployment is gone".to_owned()))?;
        let files = self.kubefiles(one)?;
        let at = self.at(&one.id, &there);
        let seen = self.site.settings.logs.seen(&one.id);
        let printed = (at.cluster().clone(), at.pods(None));
        let lines = self.copied(one, printed, Part::Run, seen);
        let mut running = Built {
            realm: Arc::clone(self),
            id: one.id,
            heard: self.ears.listen(&self.spot(&one.id, &there.build)),
            at,
            _lines: lines,
            way: None,
        };
        let at = running.at.clone();
        let begun = async {
            if there.replicas == 0 {
                let build = self.build(one, &files, Some(&there));
                let texts = self.texts(one, &files, stop).await?;
                at.place(&filled(&texts, &build, Mode::Start)?)
                    .await
                    .map_err(Trouble::of_build)?;
                at.set(None, Some(1)).await.map_err(Trouble::of_build)?;
            }
            let told = self.telling(one, Part::Run);
            let ready = at.ready(&there.deployment, PATIENCE, &told);
            ready.await.map_err(Trouble::of_build)?;
            self.open(one, &at, &files, &mut running).await
        };
        if let Err(trouble) = stop.unless(begun).await.flatten() {
            drop(running);
            // Who ends or cannot see the cluster leaves as it is what may well run.
            if matches!(trouble, Trouble::Away(_) | Trouble::GivenUp) {
                return Err(trouble);
            }
            let left = self.rest(one, &Stop::new()).await;
            return Err(trouble.with(left.err()));
        }
        Ok(running)
    }

    /// Puts it to sleep; that it does not run is what was wanted.
    pub(in crate::cluster) async fn rest(
        &self,
        one: &Environment,
        stop: &Stop,
    ) -> Result<(), Trouble> {
        self.site.set_address(&one.id, None);
        let Some(there) = self.installed(one, stop).await? else {
            return Ok(());
        };
        let at = self.at(&one.id, &there);
        let ended = async {
            at.set(None, Some(0)).await.map_err(Trouble::of_build)?;
            let files = self.kubefiles(one)?;
            let build = self.build(one, &files, Some(&there));
            let texts = self.texts(one, &files, stop).await?;
            at.place(&filled(&texts, &build, Mode::Stop)?)
                .await
                .map_err(Trouble::of_build)?;
            at.rests().await.map_err(Trouble::of_build)
        };
        stop.unless(ended).await.flatten()
    }

    /// Finds or makes the way to what is ready.
    async fn open(
        &self,
        one: &Environment,
        at: &Installed,
        files: &Kubefiles,
        running: &mut Built,
    ) -> Result<(), Trouble> {
        let host = format!("{}.{}", one.id, files.domain);
        let front = at.front(&host).await.map_err(Trouble::of_build)?;
        let nowhere =
            || Trouble::Failed("it has no Service, so there is nothing to look at".to_owned());
        let front = front.ok_or_else(nowhere)?;
        let address = match self.terms.config.reach {
            Way::Service => front.address.ok_or_else(nowhere)?,
            Way::Forward => {
                let (way, opened) = led(self.on_ground(&one.id), front);
                running.way = Some(way);
                opened
                    .await
                    .map_err(|_| Trouble::Failed("no way to its pods can be opened".to_owned()))?
            }
        };
        self.site.set_address(&one.id, Some(address));
        Ok(())
    }
}

/// Opens a port here that leads to the pods; where it is, once it is open.
fn led(cluster: Cluster, front: Front) -> (JoinHandle<()>, oneshot::Receiver<SocketAddr>) {
    let wish = forward::Wish {
        process: front.pods.clone(),
        ports: vec![Port {
            local: 0,
            remote: front.port,
        }],
        address: IpAddr::V4(Ipv4Addr::LOCALHOST),
    };
    let (sender, opened) = oneshot::channel();
    let sender = Mutex::new(Some(sender));
    let way = tokio::spawn(async move {
        let tell = |told: &Told<'_>| {
            if let Told::Open { address, .. } = told
                && let Some(sender) = sender.lock().ok().and_then(|mut one| one.take())
            {
                // Who no longer waits has given it up.
                let _ = sender.send(*address);
            }
        };
        let whose = Whose::Chosen(front.pods);
        // What cannot be opened is told by the sender that is gone.
        let _ = forward::to(&cluster, &whose, &wish, &Close::default(), &tell).await;
    });
    (way, opened)
}
