//! What is different in any namespace that a server keeps: one watch of each kind for all of them.
//!
//! It says where to look, and keeps nothing but names: who looks asks for what is there now, so that an event that came late, twice or
//! never does no harm.

use std::collections::BTreeSet;
use std::fmt::Debug;

use futures_util::stream::{BoxStream, SelectAll, iter};
use futures_util::{Stream, StreamExt as _};
use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::core::v1::{Namespace, Pod};
use kube::runtime::watcher::Event;
use kube::{Resource, ResourceExt as _, api::Api};
use serde::de::DeserializeOwned;

use super::feed::feed;
use super::figures::Meter;
use super::metadata::Metadata;
use super::wanted::{First, Wanted};
use crate::connect::Cluster;
use crate::namespace::{SERVER, Scaled};
use crate::owner::{FIELD_MANAGER, MANAGED_BY, PROJECT};
use crate::refusal::Refusal;

/// Something that is different, or may be.
#[derive(Debug)]
pub enum News {
    /// All of a kind was listed from the beginning: anything may be different.
    Anew,
    /// A namespace that the server keeps is gone, or is no longer the server's.
    Gone(String),
    /// Something in this namespace.
    Changed(String),
    /// Something in this namespace, and what is there is to run.
    Awake(String),
    /// We may not look, and hear nothing of these; that is tried again.
    Deaf(String, Refusal),
    /// We may look again, and all of these is listed from the beginning.
    Hears(String),
}

/// What is different from now on in namespaces of `server`, and in others that projects are deployed to.
pub fn everywhere(cluster: &Cluster, server: &str) -> impl Stream<Item = News> + Send + use<> {
    let mut all = SelectAll::new();
    let ours = format!("{SERVER}={server}");
    let mut census = Census::default();
    all.push(told::<Metadata<Namespace>>(cluster, ours, move |event| {
        census.take(event)
    }));
    all.push(workloads::<StatefulSet>(cluster));
    all.push(workloads::<Deployment>(cluster));
    // What is deployed is labelled as a project's, but not what it makes.
    let made = format!("{MANAGED_BY}={FIELD_MANAGER}");
    all.push(told::<Metadata<Pod>>(cluster, made, |event| {
        match event {
            // What is there at the beginning is looked at anyway.
            Event::Init | Event::InitApply(_) => Vec::new(),
            Event::InitDone => vec![News::Anew],
            Event::Apply(one) | Event::Delete(one) => vec![News::Changed(namespace(&one))],
        }
    }));
    all
}

fn workloads<K: Scaled + Send + 'static>(cluster: &Cluster) -> BoxStream<'static, News> {
    told::<K>(cluster, PROJECT.to_owned(), |event| match event {
        Event::Init => Vec::new(),
        Event::InitDone => vec![News::Anew],
        Event::InitApply(one) | Event::Apply(one) if one.replicas() > 0 => {
            vec![News::Awake(namespace(&one))]
        }
        Event::InitApply(one) | Event::Apply(one) | Event::Delete(one) => {
            vec![News::Changed(namespace(&one))]
        }
    })
}

fn namespace(one: &impl Resource) -> String {
    one.meta().namespace.clone().unwrap_or_default()
}

fn told<K>(
    cluster: &Cluster,
    labels: String,
    mut tell: impl FnMut(Event<K>) -> Vec<News> + Send + 'static,
) -> BoxStream<'static, News>
where
    K: Resource<DynamicType = ()> + Clone + Debug + DeserializeOwned + Send + 'static,
{
    let wanted = Wanted {
        labels: Some(labels),
        first: First::Streamed,
        ..Wanted::default()
    };
    let api = Api::<K>::all(cluster.client());
    let changes = feed(api, wanted, cluster.calls().limits(), Meter::default());
    let kind = K::plural(&()).into_owned();
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
                let doing = format!("watch {kind} everywhere");
                vec![News::Deaf(kind.clone(), Refusal { doing, source })]
            }
        })
    });
    news.boxed()
}

/// Which namespaces there are. Pure.
#[derive(Debug, Default)]
struct Census {
    there: BTreeSet<String>,
    coming: BTreeSet<String>,
}

impl Census {
    fn take(&mut self, event: Event<Metadata<Namespace>>) -> Vec<News> {
        match event {
            Event::Init => self.coming.clear(),
            Event::InitApply(one) => drop(self.coming.insert(one.name_any())),
            Event::InitDone => {
                let coming = std::mem::take(&mut self.coming);
                let before = std::mem::replace(&mut self.there, coming);
                let gone = before.difference(&self.there);
                return gone.cloned().map(News::Gone).collect();
            }
            Event::Apply(one) => drop(self.there.insert(one.name_any())),
            Event::Delete(one) => {
                self.there.remove(&one.name_any());
                return vec![News::Gone(one.name_any())];
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

    fn gone(census: &mut Census, event: Event<Metadata<Namespace>>) -> Vec<String> {
        let news = census.take(event).into_iter();
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
            assert_eq!(gone(&mut census, event), expected);
        }
    }
}
