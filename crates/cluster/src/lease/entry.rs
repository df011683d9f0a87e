//! What we write into a lease.

use std::collections::BTreeMap;

use jiff::Timestamp;
use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use kube::api::{Api, PostParams};

use crate::connect::Cluster;
use crate::refusal::Refusal;
use crate::retry::Calls;

/// We in a lease.
#[derive(Clone)]
pub struct Entry {
    api: Api<Lease>,
    calls: Calls,
    name: String,
    me: String,
    /// When we took it, and as the how-manieth: they tell us from another that calls itself the same.
    since: MicroTime,
    transitions: i32,
    /// For how long it holds without being renewed.
    seconds: i32,
    /// What is written beside it.
    notes: BTreeMap<String, String>,
}

impl Entry {
    /// For the lease `name` as it was read: `there`. It holds for `seconds` without being renewed.
    pub fn new(
        cluster: &Cluster,
        (name, me): (&str, &str),
        seconds: i32,
        there: Option<&LeaseSpec>,
    ) -> Self {
        // What the server keeps of a time.
        let now = Timestamp::from_microsecond(Timestamp::now().as_microsecond());
        Self {
            api: cluster.api(),
            calls: cluster.calls().clone(),
            name: name.to_owned(),
            me: me.to_owned(),
            since: MicroTime(now.expect("now was one")),
            transitions: there.map_or(0, |spec| spec.lease_transitions.unwrap_or(0) + 1),
            seconds,
            notes: BTreeMap::new(),
        }
    }

    /// The same, with that written beside it.
    #[must_use]
    pub fn noting(mut self, name: &str, text: &str) -> Self {
        self.notes.insert(name.to_owned(), text.to_owned());
        self
    }

    /// As the how-manieth we took it.
    pub fn transitions(&self) -> i32 {
        self.transitions
    }

    /// Writes us into the lease as it was read; which one it is, or nothing if somebody was faster.
    pub async fn write(&self, there: Option<Lease>) -> Result<Option<String>, Refusal> {
        let is_new = there.is_none();
        let mut lease = there.unwrap_or_default();
        lease.metadata.name = Some(self.name.clone());
        if !self.notes.is_empty() {
            let notes = lease.metadata.annotations.get_or_insert_default();
            notes.extend(self.notes.clone());
        }
        lease.spec = Some(LeaseSpec {
            holder_identity: Some(self.me.clone()),
            lease_duration_seconds: Some(self.seconds),
            acquire_time: Some(self.since.clone()),
            renew_time: Some(self.since.clone()),
            lease_transitions: Some(self.transitions),
            ..LeaseSpec::default()
        });
        let params = PostParams::default();
        let doing = format!("take Lease/{}", self.name);
        let asked = self.calls.call(doing, async || {
            // With the version that was read: the server refuses it if the lease is another one by now.
            let written = if is_new {
                self.api.create(&params, &lease).await
            } else {
                self.api.replace(&self.name, &params, &lease).await
            };
            match written {
                // Somebody was faster: we, if the answer to our first try was lost.
                Err(kube::Error::Api(status)) if status.code == 409 => {
                    Ok(self.ours().await?.map(id))
                }
                other => other.map(id).map(Some),
            }
        });
        asked.await
    }

    /// Says that we are still there; false: it is not ours.
    pub async fn renew(&self) -> kube::Result<bool> {
        self.change(|spec| spec.renew_time = Some(MicroTime(Timestamp::now())))
            .await
    }

    /// As [`Self::renew`], tried until it is known.
    pub async fn confirm(&self) -> Result<bool, Refusal> {
        let doing = format!("renew Lease/{}", self.name);
        self.calls.call(doing, async || self.renew().await).await
    }

    /// Lets others have it; so is one that others have.
    pub async fn release(&self) -> Result<(), Refusal> {
        let doing = format!("release Lease/{}", self.name);
        let nobody = async || self.change(|spec| spec.holder_identity = None).await;
        self.calls.call(doing, nobody).await.map(drop)
    }

    /// Changes the lease; false: it is not ours.
    async fn change(&self, change: impl Fn(&mut LeaseSpec)) -> kube::Result<bool> {
        loop {
            let Some(mut lease) = self.ours().await? else {
                return Ok(false);
            };
            change(lease.spec.get_or_insert_default());
            let params = PostParams::default();
            match self.api.replace(&self.name, &params, &lease).await {
                // Another call of ours was under way, or it was taken over since it was read: it is read again.
                Err(kube::Error::Api(status)) if status.code == 409 => {}
                // Removed since it was read.
                Err(kube::Error::Api(status)) if status.code == 404 => return Ok(false),
                other => return other.map(|_| true),
            }
        }
    }

    /// Who holds it now.
    pub async fn holder(&self) -> kube::Result<Option<String>> {
        let lease = self.api.get_opt(&self.name).await?;
        Ok(lease.and_then(|lease| lease.spec?.holder_identity))
    }

    async fn ours(&self) -> kube::Result<Option<Lease>> {
        let lease = self.api.get_opt(&self.name).await?;
        Ok(lease.filter(|lease| {
            lease.spec.as_ref().is_some_and(|spec| {
                spec.holder_identity.as_ref() == Some(&self.me)
                    && spec.acquire_time.as_ref() == Some(&self.since)
                    && spec.lease_transitions == Some(self.transitions)
            })
        }))
    }
}

/// Which lease it is: another one of the same name has another one.
fn id(lease: Lease) -> String {
    lease.metadata.uid.unwrap_or_default()
}
