//! Who hears what is different in the namespaces of environments.
//!
//! ```text
//! one watch for all --News--> Ears --> the environment that runs there looks what is there now, and whose logs are to be followed
//!                               '----> disturbed: nobody of us works there, so somebody else has: all is swept
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use boatyard_cluster::Cluster;
use boatyard_cluster::watch::{Change, Herald, News, Place, everywhere};
use boatyard_preview::id::Id;
use futures_util::stream::{BoxStream, unfold};
use futures_util::{Stream, StreamExt as _};
use tokio::sync::{Notify, Semaphore, watch};
use tokio::time::timeout;

use crate::causes::in_one_line;

/// What somebody else does at once is looked at once.
const TOGETHER: Duration = Duration::from_secs(1);
/// How often one looks though nothing was heard: what is never heard is seen then.
const LOOK: Duration = Duration::from_secs(5 * 60);
/// How many look at once: after a list from the beginning all do.
const LOOKS: usize = 8;

/// Who hears what.
pub(super) struct Ears {
    prefix: String,
    /// The namespace that environments share, if they do.
    shared: Option<String>,
    heard: Mutex<Heard>,
    disturbed: Notify,
    /// What is in the way of hearing.
    trouble: watch::Sender<Option<String>>,
    pub(super) looks: Semaphore,
}

#[derive(Default)]
struct Heard {
    listening: BTreeMap<String, Vec<Arc<Ear>>>,
    busy: BTreeMap<String, usize>,
    /// What cannot be heard, and why.
    deaf: BTreeMap<String, String>,
}

impl Ears {
    /// For namespaces whose names begin with `prefix`, and environments in one that they share.
    pub(super) fn new(prefix: &str, shared: Option<&str>) -> Self {
        Self {
            prefix: prefix.to_owned(),
            shared: shared.map(str::to_owned),
            heard: Mutex::default(),
            disturbed: Notify::new(),
            trouble: watch::Sender::default(),
            looks: Semaphore::new(LOOKS),
        }
    }

    /// Hears for ever what is different on the cluster.
    pub(super) async fn follow(self: Arc<Self>, cluster: Cluster) {
        let shared = self.shared.as_deref();
        let mut news = pin!(everywhere(&cluster, &self.prefix, shared));
        while let Some(news) = news.next().await {
            self.take(news);
        }
    }

    fn take(&self, news: News) {
        let mut heard = self.heard();
        match news {
            News::Anew => {
                // Who listens in two ways is told once.
                let mut told = BTreeSet::new();
                let all = heard.listening.values().flatten();
                all.filter(|one| told.insert(Arc::as_ptr(one)))
                    .for_each(|one| one.hear(|change| change.is_anything = true));
            }
            News::Changed(place) => drop(heard.wake(&key(place), None)),
            News::Pod(place, name) => drop(heard.wake(&key(place), Some(&name))),
            News::Gone(namespace) | News::Awake(namespace) => {
                let is_ours = self.is_ours(&namespace);
                if is_ours && !heard.wake(&namespace, None) && !heard.busy.contains_key(&namespace)
                {
                    self.disturbed.notify_one();
                }
            }
            News::Deaf(kind, refusal) => {
                heard.deaf.insert(kind, in_one_line(&refusal));
                self.trouble.send_replace(heard.trouble());
            }
            News::Hears(kind) => {
                heard.deaf.remove(&kind);
                self.trouble.send_replace(heard.trouble());
            }
        }
    }

    fn is_ours(&self, namespace: &str) -> bool {
        let rest = namespace.strip_prefix(&self.prefix);
        let id = rest.and_then(|rest| rest.strip_prefix('-'));
        id.is_some_and(|id| id.parse::<Id>().is_ok())
    }

    /// From now on it is told what is different there.
    pub(super) fn listen(self: &Arc<Self>, spot: &Spot) -> Listener {
        self.opened(spot, false)
    }

    fn opened(self: &Arc<Self>, spot: &Spot, is_passing: bool) -> Listener {
        let ear = Arc::new(Ear {
            is_passing,
            ..Ear::default()
        });
        let mut heard = self.heard();
        for key in &spot.keys {
            let all = heard.listening.entry(key.clone()).or_default();
            all.push(Arc::clone(&ear));
        }
        Listener {
            ears: Arc::clone(self),
            spot: spot.clone(),
            ear,
        }
    }

    /// Says when something is different there.
    pub(super) fn herald(self: &Arc<Self>, spot: Spot) -> impl Herald + use<> {
        Hearsay {
            ears: Arc::clone(self),
            spot,
        }
    }

    /// As long as that lives, what is different in the namespace is our own work.
    pub(super) fn busy(self: &Arc<Self>, namespace: &str) -> Busy {
        *self.heard().busy.entry(namespace.to_owned()).or_default() += 1;
        Busy {
            ears: Arc::clone(self),
            namespace: namespace.to_owned(),
        }
    }

    /// Returns when somebody else has done something that is to be looked at.
    pub(super) async fn disturbed(&self) {
        self.disturbed.notified().await;
        tokio::time::sleep(TOGETHER).await;
    }

    /// What is in the way of hearing, from now on; that it is now counts as new.
    pub(super) fn trouble(&self) -> watch::Receiver<Option<String>> {
        let mut trouble = self.trouble.subscribe();
        trouble.mark_changed();
        trouble
    }

    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Heard {
    /// Tells who listens, of a pod or of something else; whether one of them looks what it is.
    fn wake(&self, key: &str, pod: Option<&str>) -> bool {
        let listening = self.listening.get(key);
        let listening = listening.map(Vec::as_slice).unwrap_or_default();
        for one in listening {
            one.hear(|change| change.pods.extend(pod.map(str::to_owned)));
        }
        listening.iter().any(|one| !one.is_passing)
    }

    fn trouble(&self) -> Option<String> {
        let why: Vec<&str> = self.deaf.values().map(String::as_str).collect();
        let why = (!why.is_empty()).then(|| why.join("; "));
        why.map(|why| format!("what others do on the cluster is seen late: {why}"))
    }
}

/// Where an environment is, as news call it.
#[derive(Clone)]
pub(super) struct Spot {
    keys: Vec<String>,
}

impl Spot {
    /// The namespace that it has, or would have.
    pub(super) fn of(namespace: String) -> Self {
        Self {
            keys: vec![namespace],
        }
    }

    /// The same, where it is also a build of this name.
    pub(super) fn with_build(mut self, name: &str) -> Self {
        self.keys.push(of_build(name));
        self
    }
}

/// No namespace is called so.
fn of_build(name: &str) -> String {
    format!("build {name}")
}

/// What listeners to that place have among their keys.
fn key(place: Place) -> String {
    match place {
        Place::Namespace(name) => name,
        Place::Build(name) => of_build(&name),
    }
}

/// What one who listens was not told yet.
#[derive(Default)]
struct Ear {
    change: Mutex<Change>,
    notify: Notify,
    /// Whether it is of a piece of work, or of what is printed, and not of what looks after an environment.
    is_passing: bool,
}

impl Ear {
    fn hear(&self, add: impl FnOnce(&mut Change)) {
        add(&mut self.change());
        self.notify.notify_one();
    }

    fn change(&self) -> MutexGuard<'_, Change> {
        self.change.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is heard of a spot.
struct Hearsay {
    ears: Arc<Ears>,
    spot: Spot,
}

impl Herald for Hearsay {
    fn changes(&self) -> BoxStream<'static, Change> {
        self.ears.opened(&self.spot, true).changes().boxed()
    }
}

/// Who listens to a spot.
pub(super) struct Listener {
    ears: Arc<Ears>,
    spot: Spot,
    ear: Arc<Ear>,
}

impl Listener {
    /// What was different since this returned last; anything, when it is time to look though nothing was heard.
    pub(super) async fn changed(&self) -> Change {
        self.changed_within(LOOK).await
    }

    /// The same, or after this time.
    pub(super) async fn changed_within(&self, time: Duration) -> Change {
        let told = timeout(time, self.ear.notify.notified()).await;
        let mut change = std::mem::take(&mut *self.ear.change());
        change.is_anything |= told.is_err();
        change
    }

    /// Something each time that this would return.
    pub(super) fn changes(self) -> impl Stream<Item = Change> + Send + use<> {
        unfold(self, |one| async move {
            let change = one.changed().await;
            Some((change, one))
        })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut heard = self.ears.heard();
        for key in &self.spot.keys {
            if let Some(all) = heard.listening.get_mut(key) {
                all.retain(|one| !Arc::ptr_eq(one, &self.ear));
                if all.is_empty() {
                    heard.listening.remove(key);
                }
            }
        }
    }
}

/// We work in a namespace.
pub(super) struct Busy {
    ears: Arc<Ears>,
    namespace: String,
}

impl Drop for Busy {
    fn drop(&mut self) {
        let mut heard = self.ears.heard();
        if let Some(count) = heard.busy.get_mut(&self.namespace) {
            *count -= 1;
            if *count == 0 {
                heard.busy.remove(&self.namespace);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn pods_are_told_by_their_names_and_all_else_is_not() {
        let ears = Arc::new(Ears::new("shop", Some("builds")));
        let build = || Place::Build("b1".to_owned());
        let one = ears.listen(&Spot::of("shop-x".to_owned()).with_build("b1"));
        let other = ears.listen(&Spot::of("shop-y".to_owned()));
        let change = |pods: &[&str], is_anything| Change {
            pods: pods.iter().map(|name| (*name).to_owned()).collect(),
            is_anything,
        };
        let soon = Duration::from_secs(30);
        for name in ["b1-b", "b1-a"] {
            ears.take(News::Pod(build(), name.to_owned()));
        }
        let heard = one.changed_within(soon).await;
        assert_eq!(heard, change(&["b1-a", "b1-b"], false));
        ears.take(News::Changed(build()));
        assert_eq!(one.changed_within(soon).await, change(&[], false));
        let place = Place::Namespace("shop-y".to_owned());
        ears.take(News::Pod(place, "web-1".to_owned()));
        assert_eq!(other.changed_within(soon).await, change(&["web-1"], false));
        ears.take(News::Anew);
        for listener in [&one, &other] {
            assert_eq!(listener.changed_within(soon).await, change(&[], true));
        }
        // Who only waits for something, or copies what is printed, does not look after what somebody removes.
        let herald = ears.herald(Spot::of("shop-z".to_owned()));
        let _changes = herald.changes();
        assert!(!ears.heard().wake("shop-z", None) && ears.heard().wake("shop-y", None));
        // What was never heard may be different all the same.
        assert_eq!(one.changed_within(Duration::ZERO).await, change(&[], true));
    }
}
