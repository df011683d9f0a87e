//! What is applied when. Pure.

use crate::manifest::{Manifest, Moment};

/// Manifests in the turns of a deploy; in each turn those that others need come first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Turns {
    /// What jobs and roles are made from: accounts, configuration, storage, rules.
    pub ground: Vec<Manifest>,
    /// What is ready before jobs begin: backing services.
    pub first: Vec<Manifest>,
    /// Jobs that end before anything is rolled out.
    pub jobs: Vec<Manifest>,
    /// All else.
    pub roles: Vec<Manifest>,
    /// Jobs that begin when all else is ready.
    pub after: Vec<Manifest>,
}

/// Kinds that others refer to, in the order in which they are needed. What is not named comes after all of these.
const FIRST: &[&str] = &[
    "Namespace",
    "CustomResourceDefinition",
    "PriorityClass",
    "ResourceQuota",
    "LimitRange",
    "NetworkPolicy",
    "ServiceAccount",
    "ClusterRole",
    "ClusterRoleBinding",
    "Role",
    "RoleBinding",
    "Secret",
    "ConfigMap",
    "PersistentVolume",
    "PersistentVolumeClaim",
    // Pods get the addresses of the services that were there before them.
    "Service",
];

/// Kinds that send traffic to roles, or count them: useless before those are there.
const LAST: &[&str] = &[
    "PodDisruptionBudget",
    "HorizontalPodAutoscaler",
    "Ingress",
    "HTTPRoute",
];

/// Sorts `manifests` into turns; those of one kind stay in their order.
pub fn turns(manifests: Vec<Manifest>) -> Turns {
    let mut turns = Turns::default();
    for manifest in manifests {
        let turn = match manifest.moment() {
            Some(Moment::First) => &mut turns.first,
            Some(Moment::Before) => &mut turns.jobs,
            Some(Moment::After) => &mut turns.after,
            None if rank(&manifest) < FIRST.len() => &mut turns.ground,
            // Nobody starts it now.
            Some(Moment::Last) | None => &mut turns.roles,
        };
        turn.push(manifest);
    }
    turns.jobs.sort_by_key(Manifest::order);
    turns.after.sort_by_key(Manifest::order);
    turns.ground.sort_by_key(rank);
    turns.first.sort_by_key(rank);
    turns.roles.sort_by_key(rank);
    turns
}

fn rank(manifest: &Manifest) -> usize {
    let kind = manifest.kind().kind;
    let place = |kinds: &[&str]| kinds.iter().position(|name| *name == kind);
    place(FIRST).unwrap_or_else(|| FIRST.len() + place(LAST).map_or(0, |place| place + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_need_comes_first() {
        let text = "
{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: web}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}}
---
{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: db, annotations: {boatyard.dev/when: first}}}
---
{apiVersion: batch/v1, kind: Job, metadata: {name: later}}
---
{apiVersion: batch/v1, kind: Job, metadata: {name: seed, annotations: {boatyard.dev/when: before-deploy, boatyard.dev/order: '2'}}}
---
{apiVersion: batch/v1, kind: Job, metadata: {name: migrate, annotations: {boatyard.dev/when: before-deploy, boatyard.dev/order: '1'}}}
---
{apiVersion: batch/v1, kind: Job, metadata: {name: warm, annotations: {boatyard.dev/when: after-deploy}}}
---
{apiVersion: v1, kind: Service, metadata: {name: web}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: web}}
";
        let turns = turns(Manifest::read(text, "text").unwrap());
        let ids = |manifests: &[Manifest]| -> Vec<String> {
            manifests.iter().map(|one| one.id().to_string()).collect()
        };
        let ground = [
            "ServiceAccount/web",
            "ConfigMap/b",
            "ConfigMap/a",
            "Service/web",
        ];
        assert_eq!(ids(&turns.ground), ground);
        assert_eq!(ids(&turns.first), ["StatefulSet/db"]);
        assert_eq!(ids(&turns.jobs), ["Job/migrate", "Job/seed"]);
        assert_eq!(ids(&turns.after), ["Job/warm"]);
        assert_eq!(
            ids(&turns.roles),
            ["Deployment/web", "Job/later", "Ingress/web"]
        );
    }
}
