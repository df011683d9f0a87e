//! The lock, taken and kept.

use std::time::{Duration, Instant};

use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::decision::{Decision, SECONDS, decide};
use super::entry::Entry;
use super::error::{Error, Lost};
use crate::connect::Cluster;
use crate::owner::Owner;
use crate::retry::within;

/// How often it is looked at by who waits.
const LOOK: Duration = Duration::from_millis(500);
/// How often it is renewed by who holds it.
const RENEW: Duration = Duration::from_secs(10);
/// How soon what was not renewed is tried again.
const AGAIN: Duration = Duration::from_secs(1);
/// How long renewing may take, so that it can be tried again in time.
const ANSWER: Duration = Duration::from_secs(5);

/// The lock, held and renewed until it is released or dropped.
pub struct Held {
    project: String,
    entry: Entry,
    renewal: JoinHandle<()>,
    /// When it was renewed last; closed once it is not ours any more.
    renewed: watch::Receiver<Instant>,
}

/// Takes the owner's lock as `me`; waits for who has it, at most for `patience`, and tells whom.
pub async fn lock(
    cluster: &Cluster,
    owner: &Owner,
    me: &str,
    patience: Duration,
    tell: &(dyn Fn(&str) + Sync),
) -> Result<Held, Error> {
    let api = cluster.api::<Lease>();
    let name = format!("boatyard-{}", owner.project());
    let begin = Instant::now();
    let mut told = None;
    let mut seen: (Option<LeaseSpec>, Instant) = (None, begin);
    loop {
        let doing = format!("read Lease/{name}");
        let asked = cluster
            .calls()
            .call(doing, async || api.get_opt(&name).await);
        let there = asked.await?;
        let spec = there.as_ref().and_then(|lease| lease.spec.clone());
        if seen.0 != spec {
            seen = (spec, Instant::now());
        }
        let (by, since) = match decide(seen.0.as_ref(), seen.1.elapsed()) {
            Decision::Take => {
                let entry = Entry::new(cluster, (&name, me), SECONDS, seen.0.as_ref());
                let begin = Instant::now();
                if entry.write(there).await?.is_some() {
                    return Ok(Held::new(owner, entry, begin));
                }
                // Who was faster is seen when it is looked at again.
                ("somebody else".to_owned(), None)
            }
            Decision::Held { by, since } => {
                if told.as_ref() != Some(&by) {
                    tell(&by);
                    told = Some(by.clone());
                }
                (by, since)
            }
        };
        if begin.elapsed() >= patience {
            return Err(Error::Held {
                project: owner.project().to_owned(),
                by,
                since,
                waited: begin.elapsed(),
            });
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Renews it as long as it is ours. What fails is tried again: it is ours until somebody else is seen in it.
async fn renew(entry: Entry, renewed: watch::Sender<Instant>) {
    let mut pause = RENEW;
    loop {
        tokio::time::sleep(pause).await;
        let begin = Instant::now();
        match within(ANSWER, entry.renew()).await {
            Ok(true) => {
                renewed.send_replace(begin);
                pause = RENEW;
            }
            Ok(false) => return,
            Err(_) => pause = AGAIN,
        }
    }
}

impl Held {
    /// It is in the lease since `begin` at the earliest.
    fn new(owner: &Owner, entry: Entry, begin: Instant) -> Self {
        let (renewing, renewed) = watch::channel(begin);
        let renewal = tokio::spawn(renew(entry.clone(), renewing));
        Self {
            project: owner.project().to_owned(),
            entry,
            renewal,
            renewed,
        }
    }

    /// Makes sure that it is ours, and will be for [`SECONDS`], by asking the cluster.
    pub async fn confirm(&self) -> Result<(), Error> {
        if self.entry.confirm().await? {
            return Ok(());
        }
        Err(self.lost_to().await.into())
    }

    /// As [`Self::confirm`]; the cluster is asked only if it was not renewed for so long that somebody may have it.
    pub async fn sure(&self) -> Result<(), Error> {
        let renewed = self.renewed.borrow().elapsed();
        if self.renewed.has_changed().is_ok()
            && renewed + ANSWER < Duration::from_secs(u64::from(SECONDS.unsigned_abs()))
        {
            return Ok(());
        }
        self.confirm().await
    }

    /// Returns when it is not ours any more.
    pub async fn lost(&self) -> Lost {
        let mut renewed = self.renewed.clone();
        while renewed.changed().await.is_ok() {}
        self.lost_to().await
    }

    async fn lost_to(&self) -> Lost {
        Lost {
            project: self.project.clone(),
            by: within(ANSWER, self.entry.holder()).await.ok().flatten(),
        }
    }

    /// Lets others have it.
    pub async fn release(self) -> Result<(), crate::refusal::Refusal> {
        self.renewal.abort();
        self.entry.release().await
    }
}

/// Who ends without releasing it must not keep it for ever.
impl Drop for Held {
    fn drop(&mut self) {
        self.renewal.abort();
    }
}
