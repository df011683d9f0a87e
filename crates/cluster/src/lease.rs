//! One deploy of a project at a time: a Lease is the lock.
//!
//! Who holds it renews it; what was not renewed for [`SECONDS`] may be taken over, so that a deploy that was killed
//! does not lock its project for ever.

use std::time::{Duration, Instant};

use boatyard_plan::failure::{Failure, Fault};
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use kube::api::{Api, PostParams};
use tokio::task::JoinHandle;

use crate::connect::Cluster;
use crate::owner::Owner;
use crate::refusal::Refusal;
use crate::retry;

/// For how long a lease holds without being renewed.
pub const SECONDS: i32 = 30;
/// How often it is looked at by who waits.
const LOOK: Duration = Duration::from_millis(500);

/// What to do about a lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Take it: nobody holds it, or its holder is gone.
    Take,
    /// Somebody has it.
    Held {
        /// Who.
        by: String,
        /// Since when.
        since: Option<Timestamp>,
    },
}

/// Whether the lease may be taken at `now`.
pub fn decide(lease: Option<&LeaseSpec>, now: Timestamp) -> Decision {
    let Some((lease, by)) = lease.and_then(|lease| Some((lease, lease.holder_identity.clone()?)))
    else {
        return Decision::Take;
    };
    let held = Decision::Held {
        by,
        since: lease.acquire_time.as_ref().map(|time| time.0),
    };
    let seconds = lease.lease_duration_seconds.unwrap_or(SECONDS);
    match &lease.renew_time {
        Some(renewed)
            if now.duration_since(renewed.0) < SignedDuration::from_secs(seconds.into()) =>
        {
            held
        }
        _ => Decision::Take,
    }
}

/// Why there is no lock.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Somebody else deploys.
    #[error("{by} is deploying {project}{}, and had not ended after {} s", since.map(|since| format!(" since {since:.0}")).unwrap_or_default(), waited.as_secs())]
    Held {
        /// Which project.
        project: String,
        /// Who.
        by: String,
        /// Since when.
        since: Option<Timestamp>,
        /// How long we waited.
        waited: Duration,
    },
    /// The cluster does not let us lock.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

impl Failure for Error {
    fn fault(&self) -> Fault {
        match self {
            Self::Held { .. } => Fault::Work,
            Self::Refused(refusal) => refusal.fault(),
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Held { .. } => Some(format!(
                "wait for it; a deploy that was killed gives way after {SECONDS} s"
            )),
            Self::Refused(refusal) => refusal.help(),
        }
    }
}

/// The lock, held and renewed until it is released.
pub struct Held {
    api: Api<Lease>,
    name: String,
    me: String,
    renewal: JoinHandle<()>,
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
    loop {
        let there = api
            .get_opt(&name)
            .await
            .map_err(Refusal::of(format!("read Lease/{name}")))?;
        let decision = decide(
            there.as_ref().and_then(|lease| lease.spec.as_ref()),
            Timestamp::now(),
        );
        let Decision::Held { by, since } = decision else {
            if take(&api, &name, there, me).await? {
                break;
            }
            continue;
        };
        if begin.elapsed() >= patience {
            let project = owner.project().to_owned();
            return Err(Error::Held {
                project,
                by,
                since,
                waited: begin.elapsed(),
            });
        }
        if told.as_ref() != Some(&by) {
            tell(&by);
            told = Some(by);
        }
        tokio::time::sleep(LOOK).await;
    }
    let renewal = tokio::spawn(renew(api.clone(), name.clone(), me.to_owned()));
    Ok(Held {
        api,
        name,
        me: me.to_owned(),
        renewal,
    })
}

/// Writes us into the lease as it was seen; false if somebody was faster.
async fn take(
    api: &Api<Lease>,
    name: &str,
    there: Option<Lease>,
    me: &str,
) -> Result<bool, Refusal> {
    let now = || Some(MicroTime(Timestamp::now()));
    let is_new = there.is_none();
    let mut lease = there.unwrap_or_default();
    lease.metadata.name = Some(name.to_owned());
    lease.spec = Some(LeaseSpec {
        holder_identity: Some(me.to_owned()),
        lease_duration_seconds: Some(SECONDS),
        acquire_time: now(),
        renew_time: now(),
        ..LeaseSpec::default()
    });
    let params = PostParams::default();
    // With the version that was read: the server refuses it if the lease is another one by now.
    let written = if is_new {
        api.create(&params, &lease).await
    } else {
        api.replace(name, &params, &lease).await
    };
    match written {
        Ok(_) => Ok(true),
        Err(kube::Error::Api(status)) if status.code == 409 => Ok(false),
        Err(error) => Err(Refusal::of(format!("take Lease/{name}"))(error)),
    }
}

/// Renews the lease as long as it is ours.
async fn renew(api: Api<Lease>, name: String, me: String) {
    loop {
        tokio::time::sleep(Duration::from_secs(u64::from(SECONDS.unsigned_abs()) / 3)).await;
        // One that fails is tried again in time; that it was lost is seen by who looks.
        let Ok(Some(mut lease)) = api.get_opt(&name).await else {
            continue;
        };
        if holder(&lease) != Some(&me) {
            return;
        }
        lease.spec.get_or_insert_default().renew_time = Some(MicroTime(Timestamp::now()));
        drop(api.replace(&name, &PostParams::default(), &lease).await);
    }
}

impl Held {
    /// Whether it is still ours: it is not if renewing failed for so long that somebody took it over.
    pub async fn is_ours(&self) -> Result<bool, Refusal> {
        Ok(self.ours().await?.is_some())
    }

    /// Lets others have it.
    pub async fn release(self) -> Result<(), Refusal> {
        self.renewal.abort();
        let Some(mut lease) = self.ours().await? else {
            return Ok(());
        };
        lease.spec.get_or_insert_default().holder_identity = None;
        let params = PostParams::default();
        retry::call(format!("release Lease/{}", self.name), async || {
            match self.api.replace(&self.name, &params, &lease).await {
                // Somebody has it already, or the answer to our first try was lost.
                Err(kube::Error::Api(status)) if status.code == 409 => Ok(()),
                other => other.map(drop),
            }
        })
        .await
    }

    /// The lease, if we are in it.
    async fn ours(&self) -> Result<Option<Lease>, Refusal> {
        let doing = format!("read Lease/{}", self.name);
        let lease = retry::call(doing, async || self.api.get_opt(&self.name).await).await?;
        Ok(lease.filter(|lease| holder(lease) == Some(&self.me)))
    }
}

fn holder(lease: &Lease) -> Option<&str> {
    lease.spec.as_ref()?.holder_identity.as_deref()
}
