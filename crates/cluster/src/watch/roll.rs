//! Objects of a kind that are asked for by their names once these are known: for a list by labels the API server goes through all that
//! there is of the kind.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::marker::PhantomData;
use std::time::{Duration, Instant};

use k8s_openapi::NamespaceResourceScope;
use kube::api::ListParams;
use kube::{Resource, ResourceExt as _};
use serde::de::DeserializeOwned;

use super::herald::Change;
use crate::connect::Cluster;
use crate::refusal::Refusal;

/// After what time they are listed again, since not all is heard of.
const ANEW: Duration = Duration::from_secs(5);
/// Of more than these a list is less work.
const MANY: usize = 8;

/// Those that a selector chooses.
pub(crate) struct Roll<K> {
    selector: Option<String>,
    known: BTreeSet<String>,
    /// When they were listed last; none: there may be others by now.
    listed: Option<Instant>,
    of: PhantomData<fn() -> K>,
}

impl<K> Roll<K>
where
    K: Resource<DynamicType = (), Scope = NamespaceResourceScope>,
    K: Clone + Debug + DeserializeOwned,
{
    /// Those that `selector` chooses in the cluster's namespace; none: all of it.
    pub(crate) fn new(selector: Option<String>) -> Self {
        Self {
            selector,
            known: BTreeSet::new(),
            listed: None,
            of: PhantomData,
        }
    }

    /// Takes in what was heard. A name that is not known may be new, also if it was there before: it is not remembered whose it is not.
    pub(crate) fn hear(&mut self, change: &Change) {
        if change.is_anything || !change.pods.is_subset(&self.known) {
            self.listed = None;
        }
    }

    /// All that are there.
    pub(crate) async fn now(&mut self, cluster: &Cluster) -> Result<Vec<K>, Refusal> {
        let now = Instant::now();
        let is_known = self.is_known(now);
        let found = if is_known {
            self.named(cluster).await?
        } else {
            self.listed(cluster).await?
        };
        let names = found.iter().map(K::name_any).collect();
        self.take(names, (!is_known).then_some(now));
        Ok(found)
    }

    /// Whether all names are known that there are.
    fn is_known(&self, now: Instant) -> bool {
        let is_fresh = |listed| now.saturating_duration_since(listed) < ANEW;
        self.listed.is_some_and(is_fresh) && self.known.len() <= MANY
    }

    /// These are there: of those that were known, or of all that were `listed` then.
    fn take(&mut self, names: BTreeSet<String>, listed: Option<Instant>) {
        self.known = names;
        self.listed = listed.or(self.listed);
    }

    async fn named(&self, cluster: &Cluster) -> Result<Vec<K>, Refusal> {
        let (api, kind) = (cluster.api::<K>(), K::kind(&()));
        let mut found = Vec::new();
        for name in &self.known {
            let asked = async || api.get_opt(name).await;
            let doing = format!("read {kind}/{name}");
            found.extend(cluster.calls().call(doing, asked).await?);
        }
        Ok(found)
    }

    async fn listed(&self, cluster: &Cluster) -> Result<Vec<K>, Refusal> {
        let api = cluster.api::<K>();
        let params = ListParams {
            label_selector: self.selector.clone(),
            ..ListParams::default()
        };
        let asked = async || api.list(&params).await;
        let doing = format!("list {}", K::plural(&()));
        Ok(cluster.calls().call(doing, asked).await?.items)
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::Pod;

    use super::*;

    fn names(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn they_are_listed_until_all_names_are_known() {
        let now = Instant::now();
        let hear = |roll: &mut Roll<Pod>, pods: &[&str]| {
            let pods = names(pods);
            roll.hear(&Change {
                pods,
                is_anything: false,
            });
            roll.is_known(now)
        };
        let mut roll = Roll::new(None);
        assert!(!roll.is_known(now), "nothing was listed");
        roll.take(names(&["a", "b"]), Some(now));
        assert!(roll.is_known(now));
        assert!(hear(&mut roll, &["a"]), "it is known");
        assert!(!hear(&mut roll, &["b", "c"]), "there may be another");
        roll.take(names(&["a"]), Some(now));
        assert!(roll.is_known(now), "they were neither there nor ours");
        assert!(!hear(&mut roll, &["b"]), "it may be there again");
        roll.take(names(&["a", "b"]), Some(now));
        roll.take(names(&["b"]), None);
        assert!(roll.is_known(now), "one is gone");
        assert!(!roll.is_known(now + ANEW), "that was a while ago");
        let many: Vec<String> = (0..=MANY).map(|number| number.to_string()).collect();
        roll.take(many.into_iter().collect(), Some(now));
        assert!(!roll.is_known(now), "a list is less work");
        roll.take(names(&["a"]), Some(now));
        roll.hear(&Change {
            is_anything: true,
            ..Change::default()
        });
        assert!(!roll.is_known(now), "anything may be different");
    }
}
