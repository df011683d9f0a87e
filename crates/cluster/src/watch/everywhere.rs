//! What is different in any namespace that a server keeps: one watch of each kind for all of them.
//!
//! It says where to look, and keeps nothing but names: who looks asks for what is there now, so that an event that came late, twice or
//! never does no harm.

use std::collections::BTreeSet;
use std::fmt::Debug;

use futures_util::stream::{BoxStream, SelectAll, iter};
use futures_util::{Stream, StreamExt as _};
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{Namespace, Pod};
use kube::runtime::watcher::Event;
use kube::{Resource, ResourceExt as _, api::Api};
use serde::de::DeserializeOwned;

use super::feed::feed;
use super::figures::Meter;
use super::metadata::Metadata;
use super::outline::Outline;
use super::wanted::{First, Wanted};
use crate::connect::Cluster;
use crate::kubefiles::BUILD;
use crate::namespace::{ENVIRONMENT, SERVER, Scaled};
use crate::owner::{FIELD_MANAGER, MANAGED_BY, PROJECT};
use crate::refusal::Refusal;

/// Something that is different, or may be.
#[derive(Debug)]
pub enum News {
    /// All of a kind was listed from the beginning: anything may be different.
    Anew,
    /// A namespace that the server keeps is gone, or is no longer the server's.
    Gone(String),
    /// Something there, which is no pod.
    Changed(Place),
    /// The pod of this name there.
    Pod(Place, String),
    /// Something in this namespace, and what is there is to run.
    Awake(String),
    /// We may not look, and hear nothing of these; that is tried again.
    Deaf(String, Refusal),
    /// We may look again, and all of these is listed from the beginning.
    Hears(String),
}

/// Where something is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In this namespace.
    Namespace(String),
    /// In the build of this name, in the namespace that builds share.
    Build(String),
}

/// What is different from now on in namespaces of `server`, and in others that projects are deployed to. Where environments share
/// the namespace `builds`, of each is told what would be of a namespace of its own.
pub fn everywhere(
    cluster: &Cluster,
    server: &str,
    builds: Option<&str>,
) -> impl Stream<Item = News> + Send + use<> {
    let mut all = SelectAll::new();
    let ours = format!("{SERVER}={server}");
    let mut census = Census::default();
    let api = Api::all(cluster.client());
    all.push(told(cluster, api, ours.clone(), move |event| {
        let mut news = census.take(&event, Metadata::<Namespace>::name_any);
        news.extend(is_going(&event));
        news
    }));
    all.push(had_by_builds::<Pod>(cluster, builds, pod));
    all.push(had_by_builds::<Job>(cluster, builds, other));
    if let Some(namespace) = builds {
        let (mut census, server) = (Census::default(), server.to_owned());
        let api = Api::<Outline>::namespaced(cluster.client(), namespace);
        all.push(told(cluster, api, ours, move |event| {
            let mut news = census.take(&event, |one| place(&server, one));
            news.extend(of_build(&server, &event));
            news
        }));
    } else {
        all.push(had_by_builds::<Deployment>(cluster, builds, other));
    }
    all.push(workloads::<StatefulSet>(cluster));
    all.push(workloads::<Deployment>(cluster));
    // What is deployed is labelled as a project's, but not what it makes.
    let made = format!("{MANAGED_BY}={FIELD_MANAGER}");
    let api = Api::<Metadata<Pod>>::all(cluster.client());
    all.push(told(cluster, api, made, |event| {
        changed(&event, |one| pod(Place::Namespace(namespace(one)), one))
    }));
    all
}

fn pod(place: Place, one: &Metadata<Pod>) -> News {
    News::Pod(place, one.name_any())
}

fn other<K>(place: Place, _: &K) -> News {
    News::Changed(place)
}

/// What builds of kubefiles have of a kind, in namespaces of their own or in the one that they share: they have labels of their own.
fn had_by_builds<K>(
    cluster: &Cluster,
    shared: Option<&str>,
    news: fn(Place, &Metadata<K>) -> News,
) -> BoxStream<'static, News>
where
    K: Resource<DynamicType = (), Scope = NamespaceResourceScope>,
    K: Clone + Debug + Send + 'static,
{
    let is_shared = shared.is_some();
    let api = match shared {
        Some(namespace) => Api::<Metadata<K>>::namespaced(cluster.client(), namespace),
        None => Api::all(cluster.client()),
    };
    told(cluster, api, BUILD.to_owned(), move |event| {
        changed(&event, |one| {
            let build = one.labels().get(BUILD).filter(|_| is_shared);
            let place = build.map_or_else(
                || Place::Namespace(namespace(one)),
                |name| Place::Build(name.clone()),
            );
            news(place, one)
        })
    })
}

/// What is there at the beginning is looked at anyway.
fn changed<K>(event: &Event<K>, tell: impl Fn(&K) -> News) -> Vec<News> {
    match event {
        Event::Init | Event::InitApply(_) => Vec::new(),
        Event::InitDone => vec![News::Anew],
        Event::Apply(one) | Event::Delete(one) => vec![tell(one)],
    }
}

fn workloads<K: Scaled + Send + 'static>(cluster: &Cluster) -> BoxStream<'static, News> {
    let api = Api::<K>::all(cluster.client());
    told(cluster, api, PROJECT.to_owned(), |event| match event {
        Event::Init => Vec::new(),
        Event::InitDone => vec![News::Anew],
        Event::InitApply(one) | Event::Apply(one) if one.replicas() > 0 => {
            vec![News::Awake(namespace(&one))]
        }
        Event::InitApply(one) | Event::Apply(one) | Event::Delete(one) => {
            vec![News::Changed(Place::Namespace(namespace(&one)))]
        }
    })
}

/// A namespace that somebody removes: what is in it may keep it for as long as nobody looks after that.
fn is_going(event: &Event<Metadata<Namespace>>) -> Option<News> {
    let (Event::InitApply(one) | Event::Apply(one)) = event else {
        return None;
    };
    let is_going = one.meta().deletion_timestamp.is_some();
    is_going.then(|| News::Gone(one.name_any()))
}

/// What happens to a build, told of where it would be.
fn of_build(server: &str, event: &Event<Outline>) -> Option<News> {
    let (Event::InitApply(one) | Event::Apply(one)) = event else {
        return None;
    };
    let place = place(server, one);
    Some(if one.meta().deletion_timestamp.is_some() {
        News::Gone(place)
    } else if one.replicas > 0 {
        News::Awake(place)
    } else {
        News::Changed(Place::Namespace(place))
    })
}

/// The namespace that a build would have of its own.
fn place(server: &str, build: &Outline) -> String {
    let id = build.labels().get(ENVIRONMENT);
    format!("{server}-{}", id.map_or("", String::as_str))
}

fn namespace(one: &impl Resource) -> String {
    one.meta().namespace.clone().unwrap_or_default()
}

fn told<K>(
    cluster: &Cluster,
    api: Api<K>,
    labels: String,
    mut tell: impl FnMut(Event<K>) -> Vec<News> + Send + 'static,
) -> BoxStream<'static, News>
where
    K: Resource<DynamicType = ()> + Clone + Debug + DeserializeOwned + Send + 'static,
{
    // There may be two of a kind.
    let kind = format!("{} with {labels}", K::plural(&()));
    let wanted = Wanted {
        labels: Some(labels),
        first: First::Streamed,
        ..Wanted::default()
    };
    let changes = feed(api, wanted, cluster.calls().limits(), Meter::default());
    let mut is_deaf = false;
    let news = changes.flat_map(move |change| {
        iter(match change {
            Ok(event) => {
                let is_whole = matches!(event, Event::InitDone);
                let mut news = tell(event);
                if is_whole && std::mem::take(&mut is_deaf) {
                    news.push(News::Hears(kind.clone()));
                }
                news
            }
            Err(source) => {
                is_deaf = true;
                let doing = format!("watch {kind}");
                vec![News::Deaf(kind.clone(), Refusal { doing, source })]
            }
        })
    });
    news.boxed()
}

/// Which of them there are, by name. Pure.
#[derive(Debug, Default)]
struct Census {
    there: BTreeSet<String>,
    coming: BTreeSet<String>,
}

impl Census {
    fn take<K>(&mut self, event: &Event<K>, name: impl Fn(&K) -> String) -> Vec<News> {
        match event {
            Event::Init => self.coming.clear(),
            Event::InitApply(one) => drop(self.coming.insert(name(one))),
            Event::InitDone => {
                let coming = std::mem::take(&mut self.coming);
                let before = std::mem::replace(&mut self.there, coming);
                let gone = before.difference(&self.there);
                return gone.cloned().map(News::Gone).collect();
            }
            Event::Apply(one) => drop(self.there.insert(name(one))),
            Event::Delete(one) => {
                let name = name(one);
                self.there.remove(&name);
                return vec![News::Gone(name)];
            }
        }
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn named(name: &str) -> Metadata<Namespace> {
        serde_json::from_value(json!({"metadata": {"name": name}})).unwrap()
    }

    fn gone(census: &mut Census, event: &Event<Metadata<Namespace>>) -> Vec<String> {
        let news = census.take(event, Metadata::name_any).into_iter();
        news.map(|news| match news {
            News::Gone(name) => name,
            other => panic!("{other:?}"),
        })
        .collect()
    }

    #[test]
    fn what_a_later_list_does_not_have_is_gone() {
        let mut census = Census::default();
        let nothing: [&str; 0] = [];
        for (event, expected) in [
            (Event::Init, nothing.as_slice()),
            (Event::InitApply(named("a")), &[]),
            (Event::InitApply(named("b")), &[]),
            (Event::InitDone, &[]),
            (Event::Apply(named("c")), &[]),
            (Event::Delete(named("a")), &["a"]),
            // A list that breaks off takes nothing away.
            (Event::Init, &[]),
            (Event::InitApply(named("b")), &[]),
            (Event::Init, &[]),
            (Event::InitApply(named("c")), &[]),
            (Event::InitDone, &["b"]),
            (Event::Init, &[]),
            (Event::InitDone, &["c"]),
        ] {
            assert_eq!(gone(&mut census, &event), expected);
        }
    }
}
