//! Of which kinds a build may have something.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::{DaemonSet, Deployment, StatefulSet};
use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;
use k8s_openapi::api::batch::v1::{CronJob, Job};
use k8s_openapi::api::core::v1::{
    ConfigMap, PersistentVolumeClaim, Secret, Service, ServiceAccount,
};
use k8s_openapi::api::networking::v1::{Ingress, NetworkPolicy};
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::api::rbac::v1::{Role, RoleBinding};
use kube::api::{Api, ApiResource, DynamicObject};

use super::installed::Installed;
use crate::manifest::Manifest;
use crate::refusal::{Refusal, Said};

/// What runboat takes away of a build.
const USUAL: [fn(&()) -> ApiResource; 7] = [
    ApiResource::erase::<Deployment>,
    ApiResource::erase::<Service>,
    ApiResource::erase::<Ingress>,
    ApiResource::erase::<ConfigMap>,
    ApiResource::erase::<Secret>,
    ApiResource::erase::<PersistentVolumeClaim>,
    ApiResource::erase::<Job>,
];

/// What its kubefiles may have brought besides before somebody changed them. Namespaces have few of these, so that lists are short.
const FORMER: [fn(&()) -> ApiResource; 9] = [
    ApiResource::erase::<StatefulSet>,
    ApiResource::erase::<DaemonSet>,
    ApiResource::erase::<CronJob>,
    ApiResource::erase::<NetworkPolicy>,
    ApiResource::erase::<ServiceAccount>,
    ApiResource::erase::<Role>,
    ApiResource::erase::<RoleBinding>,
    ApiResource::erase::<HorizontalPodAutoscaler>,
    ApiResource::erase::<PodDisruptionBudget>,
];

/// All of a kind that there is in the namespace.
pub(super) struct OfKind {
    sort: Sort,
    pub(super) api: Api<DynamicObject>,
    /// Whether runboat takes it away, or kubefiles bring it now.
    pub(super) is_expected: bool,
}

impl OfKind {
    /// Its name, without group and version.
    pub(super) fn kind(&self) -> &str {
        &self.sort.kind
    }

    pub(super) fn is_deployment(&self) -> bool {
        self.sort.group == "apps" && self.sort.kind == "Deployment"
    }
}

/// Whether the cluster has no such kind.
pub(super) fn is_unknown(refusal: &Refusal) -> bool {
    matches!(refusal.source, Said::Unknown { .. }) || refusal.code() == Some(404)
}

/// Group and kind: what differs in its version alone is the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Sort {
    group: String,
    kind: String,
}

/// The kinds of manifests, with one of each.
fn brought(manifests: &[Manifest]) -> BTreeMap<Sort, &Manifest> {
    let sort = |one: &Manifest| {
        let kind = one.kind();
        Sort {
            group: kind.group,
            kind: kind.kind,
        }
    };
    manifests.iter().map(|one| (sort(one), one)).collect()
}

impl Installed {
    /// The kinds of which it may have something.
    pub(super) async fn kinds(&self, manifests: &[Manifest]) -> Result<Vec<OfKind>, Refusal> {
        let mut brought = brought(manifests);
        let mut kinds = Vec::new();
        for (some, is_usual) in [(USUAL.as_slice(), true), (FORMER.as_slice(), false)] {
            for of in some {
                let resource = of(&());
                let (client, namespace) = (self.cluster.client(), self.cluster.namespace());
                let api = Api::<DynamicObject>::namespaced_with(client, namespace, &resource);
                let sort = Sort {
                    group: resource.group,
                    kind: resource.kind,
                };
                let is_brought = brought.remove(&sort).is_some();
                kinds.push(OfKind {
                    sort,
                    api,
                    is_expected: is_usual || is_brought,
                });
            }
        }
        for (sort, manifest) in brought {
            match self.cluster.api_of(manifest).await {
                Ok(api) => kinds.push(OfKind {
                    sort,
                    api,
                    is_expected: true,
                }),
                // Where there is no such kind there is nothing of it.
                Err(refusal) if is_unknown(&refusal) => {}
                Err(refusal) => return Err(refusal),
            }
        }
        Ok(kinds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_one_name_are_told_apart_by_their_groups() {
        let text = "
{apiVersion: v1, kind: Service, metadata: {name: web}}
---
{apiVersion: serving.knative.dev/v1, kind: Service, metadata: {name: web}}
---
{apiVersion: serving.knative.dev/v1beta1, kind: Service, metadata: {name: other}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}}
";
        let manifests = Manifest::read(text, "text").unwrap();
        let mut brought = brought(&manifests);
        for of in USUAL.iter().chain(&FORMER) {
            let ApiResource { group, kind, .. } = of(&());
            brought.remove(&Sort { group, kind });
        }
        let rest: Vec<String> = brought
            .into_keys()
            .map(|sort| format!("{}.{}", sort.kind, sort.group))
            .collect();
        assert_eq!(rest, ["Service.serving.knative.dev"]);
    }
}
