//! Of several servers one leads, for as long as it renews its lease.

use std::sync::Arc;
use std::time::{Duration, Instant};

use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::decision::{Decision, decide};
use super::entry::Entry;
use super::fence::{Fence, Moment};
use crate::connect::Cluster;
use crate::refusal::Refusal;
use crate::retry::within;

/// The annotation that says where who leads answers.
const ADDRESS: &str = "boatyard.dev/address";
/// How often it is looked at by who waits.
const LOOK: Duration = Duration::from_secs(1);
/// How soon what was not renewed is tried again.
const AGAIN: Duration = Duration::from_millis(500);
/// How often it is looked whether it was lost.
const WATCH: Duration = Duration::from_millis(200);

/// Which lease is taken, and by whom.
#[derive(Clone, Debug)]
pub struct Place {
    /// The name of the lease, in the namespace of the cluster.
    pub name: String,
    /// Who we are.
    pub me: String,
    /// Where we answer, for those who stand by.
    pub address: String,
    /// For how long it holds without being renewed.
    pub seconds: u16,
}

/// Who leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leader {
    /// Who.
    pub name: String,
    /// Where it answers, as it says.
    pub address: Option<String>,
}

/// The lease is ours.
pub struct Term {
    entry: Entry,
    fence: Fence,
    renewal: JoinHandle<()>,
    lost: Arc<Notify>,
    /// The how-manieth term of this lease it is.
    pub number: i32,
    /// The lease: another one of the same name is not the same.
    pub lease: String,
}

/// Takes the lease, and waits as long as somebody else has it; tells who leads whenever that is another one, and what is in the
/// way of knowing it.
pub async fn take(
    cluster: &Cluster,
    place: &Place,
    tell: &(dyn Fn(Result<&Leader, &Refusal>) + Sync),
) -> Term {
    let api = cluster.api::<Lease>();
    let mut told = None;
    let mut seen: (Option<LeaseSpec>, Instant) = (None, Instant::now());
    loop {
        let begin = Moment::now();
        match attempt(cluster, place, &api, &mut seen).await {
            Ok(Attempt::Took(entry, lease)) => {
                return Term::new(*entry, lease, place, begin);
            }
            Ok(Attempt::Led(leader)) => {
                if told.as_ref() != Some(&leader) {
                    tell(Ok(&leader));
                    told = Some(leader);
                }
            }
            Err(refusal) => {
                told = None;
                tell(Err(&refusal));
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}

enum Attempt {
    Took(Box<Entry>, String),
    Led(Leader),
}

async fn attempt(
    cluster: &Cluster,
    place: &Place,
    api: &kube::Api<Lease>,
    seen: &mut (Option<LeaseSpec>, Instant),
) -> Result<Attempt, Refusal> {
    let name = &place.name;
    let calls = cluster.calls();
    let read = async || api.get_opt(name).await;
    let there = calls.first(format!("read Lease/{name}"), read).await?;
    let spec = there.as_ref().and_then(|lease| lease.spec.clone());
    if seen.0 != spec {
        *seen = (spec, Instant::now());
    }
    let notes = there
        .as_ref()
        .and_then(|lease| lease.metadata.annotations.as_ref());
    let address = notes.and_then(|notes| notes.get(ADDRESS).cloned());
    if let Decision::Held { by: name, .. } = decide(seen.0.as_ref(), seen.1.elapsed()) {
        return Ok(Attempt::Led(Leader { name, address }));
    }
    let entry = Entry::new(
        cluster,
        (name, &place.me),
        i32::from(place.seconds),
        seen.0.as_ref(),
    );
    let entry = entry.noting(ADDRESS, &place.address);
    if let Some(lease) = entry.write(there).await? {
        return Ok(Attempt::Took(Box::new(entry), lease));
    }
    // Who was faster is seen when it is looked at again.
    let name = "another server".to_owned();
    Ok(Attempt::Led(Leader {
        name,
        address: None,
    }))
}

/// Renews it as long as it is ours. What fails is tried again, until it is too late.
async fn renew(entry: Entry, fence: Fence, every: Duration) {
    let mut pause = every;
    loop {
        tokio::time::sleep(pause).await;
        let begin = Moment::now();
        let Some(left) = fence.left() else { return };
        match within(left.min(every), entry.renew()).await {
            Ok(true) => {
                if !fence.renew(begin) {
                    return;
                }
                pause = every;
            }
            Ok(false) => {
                fence.close();
                return;
            }
            Err(_) => pause = AGAIN.min(every),
        }
    }
}

impl Term {
    /// It is in the lease since `begin` at the earliest.
    fn new(entry: Entry, lease: String, place: &Place, begin: Moment) -> Self {
        let lasts = Duration::from_secs(u64::from(place.seconds));
        // Others may take it after all of it.
        let fence = Fence::new(begin, lasts * 2 / 3);
        let lost = Arc::new(Notify::new());
        let renewal = tokio::spawn({
            let (entry, fence, lost) = (entry.clone(), fence.clone(), Arc::clone(&lost));
            async move {
                let renewal = renew(entry, fence.clone(), lasts / 5);
                let watch = async {
                    while fence.holds() {
                        tokio::time::sleep(WATCH).await;
                    }
                };
                // Whatever the call that renews it waits for: time goes on.
                tokio::select! {
                    () = renewal => {}
                    () = watch => {}
                }
                lost.notify_one();
            }
        });
        Self {
            number: entry.transitions(),
            entry,
            fence,
            renewal,
            lost,
            lease,
        }
    }

    /// What is to let through all that we do.
    pub fn fence(&self) -> &Fence {
        &self.fence
    }

    /// Returns once it is lost. Not for several at once.
    pub async fn lost(&self) {
        self.lost.notified().await;
        self.lost.notify_one();
    }

    /// Lets others have it at once; nothing is let through any more.
    ///
    /// # Errors
    /// If the cluster does not let us: then it ends by itself.
    pub async fn release(self) -> Result<(), Refusal> {
        self.renewal.abort();
        self.fence.close();
        self.entry.release().await
    }
}

/// Who ends without releasing it must not keep it for ever.
impl Drop for Term {
    fn drop(&mut self) {
        self.renewal.abort();
        self.fence.close();
    }
}
