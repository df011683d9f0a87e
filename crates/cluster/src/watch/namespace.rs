//! What a namespace holds of the kinds that matter to a roll-out.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::stream::{BoxStream, SelectAll};
use futures_util::{StreamExt as _, TryStreamExt as _};
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::core::v1::Event as Told;
use kube::runtime::watcher::Event;
use kube::{Resource, ResourceExt as _};
use serde::de::DeserializeOwned;

use super::feed::feed;
use super::figures::Meter;
use super::herald::told;
use super::wanted::Wanted;
use crate::connect::Cluster;
use crate::manifest::Id;
use crate::refusal::{Refusal, Said};
use crate::rollout::View;

/// A change of the view.
type Step = Box<dyn FnOnce(&mut Stores) + Send>;

/// A namespace that is watched.
pub struct Watch {
    changes: SelectAll<BoxStream<'static, Result<Step, Refusal>>>,
    /// Whether each change is all that there is.
    is_told: bool,
    meters: Vec<Meter>,
    /// After how long without a word the cluster counts as silent.
    patience: Duration,
    stores: Stores,
}

/// Objects of one kind by name, and those of a list that is still coming.
struct Store<K> {
    objects: BTreeMap<String, K>,
    coming: Option<BTreeMap<String, K>>,
    whole: bool,
}

impl<K> Default for Store<K> {
    fn default() -> Self {
        Self {
            objects: BTreeMap::new(),
            coming: None,
            whole: false,
        }
    }
}

impl<K: kube::ResourceExt> Store<K> {
    fn take(&mut self, event: Event<K>) {
        match event {
            Event::Init => self.coming = Some(BTreeMap::new()),
            Event::InitApply(object) => {
                let coming = self.coming.get_or_insert_default();
                coming.insert(object.name_any(), object);
            }
            Event::InitDone => {
                self.objects = self.coming.take().unwrap_or_default();
                self.whole = true;
            }
            Event::Apply(object) => drop(self.objects.insert(object.name_any(), object)),
            Event::Delete(object) => drop(self.objects.remove(&object.name_any())),
        }
    }

    fn put(&mut self, objects: Vec<K>) {
        let named = objects.into_iter().map(|one| (one.name_any(), one));
        (self.objects, self.whole) = (named.collect(), true);
    }
}

macro_rules! stores {
    ($($field:ident: $kind:ty),+ $(,)?) => {
        #[derive(Default)]
        struct Stores { $($field: Store<$kind>),+ }

        impl Stores {
            fn whole(&self) -> bool { true $(&& self.$field.whole)+ }

            fn put(&mut self, view: View) { $(self.$field.put(view.$field);)+ }

            fn view(&self) -> View {
                let mut view = View { $($field: self.$field.objects.values().cloned().collect()),+ };
                view.events.sort_by_key(|event| event.metadata.creation_timestamp.clone());
                view
            }
        }

        impl Watch {
            fn watching(cluster: &Cluster, kinds: &BTreeSet<&str>) -> Self {
                let mut changes = SelectAll::new();
                let mut meters = Vec::new();
                let mut stores = Stores::default();
                $(if tells_about(&<$kind>::kind(&()), kinds) {
                    let meter = Meter::default();
                    meters.push(meter.clone());
                    changes.push(watched::<$kind>(cluster, meter, |stores| &mut stores.$field));
                } else {
                    stores.$field.whole = true;
                })+
                Self {
                    changes,
                    is_told: false,
                    meters,
                    patience: patience(cluster),
                    stores,
                }
            }
        }
    };
}

stores! {
    deployments: k8s_openapi::api::apps::v1::Deployment,
    stateful_sets: k8s_openapi::api::apps::v1::StatefulSet,
    daemon_sets: k8s_openapi::api::apps::v1::DaemonSet,
    replica_sets: k8s_openapi::api::apps::v1::ReplicaSet,
    jobs: k8s_openapi::api::batch::v1::Job,
    pods: k8s_openapi::api::core::v1::Pod,
    events: Told,
}

/// Whether objects of `kind` tell how far one of `kinds` is. Who may not look at other kinds need not.
pub(super) fn tells_about(kind: &str, kinds: &BTreeSet<&str>) -> bool {
    match kind {
        "Pod" | "Event" => true,
        "ReplicaSet" => kinds.contains("Deployment"),
        kind => kinds.contains(kind),
    }
}

impl Watch {
    /// Begins to watch what tells how far `ids` are in the cluster's namespace; with a herald, to look whenever it says so.
    pub fn new(cluster: &Cluster, ids: &[Id]) -> Self {
        if cluster.herald().is_some() {
            return Self::looking(cluster, ids);
        }
        let kinds = ids.iter().map(|id| id.kind.as_str()).collect();
        Self::watching(cluster, &kinds)
    }

    fn looking(cluster: &Cluster, ids: &[Id]) -> Self {
        let meter = Meter::default();
        let views = told(cluster, ids, meter.clone());
        let steps = views.map(|view| {
            let view = view?;
            Ok(Box::new(move |stores: &mut Stores| stores.put(view)) as Step)
        });
        Self {
            changes: SelectAll::from_iter([steps.boxed()]),
            is_told: true,
            meters: vec![meter],
            patience: patience(cluster),
            stores: Stores::default(),
        }
    }

    /// Takes the next change in; an error is one that does not go away by itself.
    pub async fn next(&mut self) -> Result<(), Refusal> {
        // The streams never end: a watch that is over is begun anew.
        if let Some(step) = self.changes.try_next().await? {
            step(&mut self.stores);
        }
        Ok(())
    }

    /// Whether an event that was never told is never seen.
    pub fn may_miss(&self) -> bool {
        !self.is_told
    }

    /// What the namespace holds; none until everything was listed once.
    pub fn view(&self) -> Option<View> {
        self.stores.whole().then(|| self.stores.view())
    }

    /// What failed last, if nothing is heard from the cluster for so long that what is known may be wrong.
    pub fn silent(&self) -> Option<String> {
        let mut meters = self.meters.iter();
        meters.find_map(|meter| {
            let is_silent = meter.read().silence > self.patience;
            is_silent.then(|| meter.failure()).flatten()
        })
    }
}

fn patience(cluster: &Cluster) -> Duration {
    let limits = cluster.calls().limits();
    limits.silence() + limits.answer
}

fn watched<K>(
    cluster: &Cluster,
    meter: Meter,
    store: fn(&mut Stores) -> &mut Store<K>,
) -> BoxStream<'static, Result<Step, Refusal>>
where
    K: Resource<DynamicType = (), Scope = NamespaceResourceScope>,
    K: Clone + std::fmt::Debug + DeserializeOwned + Send + 'static,
{
    let kind = K::kind(&());
    let is_told = kind == "Event";
    let wanted = Wanted {
        labels: cluster.chosen(&kind),
        fields: is_told.then(|| "type=Warning".to_owned()),
        ..Wanted::default()
    };
    feed(cluster.api::<K>(), wanted, cluster.calls().limits(), meter)
        .map(move |change| match change {
            Ok(event) => {
                let event = event.modify(|object| object.managed_fields_mut().clear());
                Ok(Box::new(move |stores: &mut Stores| store(stores).take(event)) as Step)
            }
            // They say why; that it is not ready is seen without them.
            Err(Said::Server { code: 403, .. }) if is_told => {
                Ok(Box::new(move |stores: &mut Stores| store(stores).whole = true) as Step)
            }
            Err(source) => {
                let doing = format!("watch {kind}");
                Err(Refusal { doing, source })
            }
        })
        .boxed()
}
