//! What a namespace holds of the kinds that matter to a roll-out, kept up to date.
//!
//! Each kind is listed and then watched from there, so that nothing older than the list is seen again; a watch that the
//! server ended, or that is too old for it, begins anew with a list. All of that is `kube::runtime::watcher`.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::stream::{BoxStream, SelectAll};
use futures_util::{StreamExt as _, TryStreamExt as _};
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::core::v1::Event as Told;
use kube::runtime::WatchStreamExt as _;
use kube::runtime::watcher::{self, Event, watcher};
use kube::{Resource, ResourceExt as _};
use serde::de::DeserializeOwned;

use crate::connect::Cluster;
use crate::refusal::{Refusal, Said};
use crate::rollout::View;

/// A change of the view.
type Step = Box<dyn FnOnce(&mut Stores) + Send>;

/// A namespace that is watched.
pub struct Watch {
    changes: SelectAll<BoxStream<'static, Result<Step, Refusal>>>,
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
}

macro_rules! stores {
    ($($field:ident: $kind:ty),+ $(,)?) => {
        #[derive(Default)]
        struct Stores { $($field: Store<$kind>),+ }

        impl Stores {
            fn whole(&self) -> bool { true $(&& self.$field.whole)+ }

            fn view(&self) -> View {
                let mut view = View { $($field: self.$field.objects.values().cloned().collect()),+ };
                view.events.sort_by_key(|event| event.metadata.creation_timestamp.clone());
                view
            }
        }

        impl Watch {
            /// Begins to watch what tells how far workloads of `kinds` are in the cluster's namespace.
            pub fn new(cluster: &Cluster, kinds: &BTreeSet<&str>) -> Self {
                let mut changes = SelectAll::new();
                let mut stores = Stores::default();
                $(if tells_about(&<$kind>::kind(&()), kinds) {
                    changes.push(watched::<$kind>(cluster, |stores| &mut stores.$field));
                } else {
                    stores.$field.whole = true;
                })+
                Self { changes, stores }
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
fn tells_about(kind: &str, kinds: &BTreeSet<&str>) -> bool {
    match kind {
        "Pod" | "Event" => true,
        "ReplicaSet" => kinds.contains("Deployment"),
        kind => kinds.contains(kind),
    }
}

impl Watch {
    /// Takes the next change in; an error is one that does not go away by itself.
    pub async fn next(&mut self) -> Result<(), Refusal> {
        // The streams never end: a watch that is over is begun anew.
        if let Some(step) = self.changes.try_next().await? {
            step(&mut self.stores);
        }
        Ok(())
    }

    /// What the namespace holds; none until everything was listed once.
    pub fn view(&self) -> Option<View> {
        self.stores.whole().then(|| self.stores.view())
    }
}

fn watched<K>(
    cluster: &Cluster,
    store: fn(&mut Stores) -> &mut Store<K>,
) -> BoxStream<'static, Result<Step, Refusal>>
where
    K: Resource<DynamicType = (), Scope = NamespaceResourceScope>,
    K: Clone + std::fmt::Debug + DeserializeOwned + Send + 'static,
{
    let mut wanted = watcher::Config::default();
    let kind = K::kind(&());
    if kind == "Event" {
        wanted = wanted.fields("type=Warning");
    }
    watcher(cluster.api::<K>(), wanted)
        .default_backoff()
        .modify(|object: &mut K| object.managed_fields_mut().clear())
        .filter_map(move |change| {
            let kind = kind.clone();
            async move {
                match change {
                    Ok(event) => Some(Ok(Box::new(move |stores: &mut Stores| {
                        store(stores).take(event);
                    }) as Step)),
                    Err(error) => match lasting(error)? {
                        // They say why; that it is not ready is seen without them.
                        Said::Server { code: 403, .. } if kind == "Event" => {
                            Some(Ok(Box::new(move |stores: &mut Stores| {
                                store(stores).whole = true;
                            }) as Step))
                        }
                        source => {
                            let doing = format!("watch {kind}");
                            Some(Err(Refusal { doing, source }))
                        }
                    },
                }
            }
        })
        .boxed()
}

/// What the watcher cannot get over by trying again: we may not look, or are not known.
pub fn lasting(error: watcher::Error) -> Option<Said> {
    let said = match error {
        watcher::Error::InitialListFailed(error)
        | watcher::Error::WatchStartFailed(error)
        | watcher::Error::WatchFailed(error) => Said::from(error),
        watcher::Error::WatchError(status) => Said::from(*status),
        watcher::Error::NoResourceVersion => return None,
    };
    matches!(
        said,
        Said::Server {
            code: 401 | 403,
            ..
        }
    )
    .then_some(said)
}
