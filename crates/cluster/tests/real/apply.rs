//! Apply, prune, and what a dry run says.

use std::collections::BTreeSet;

use boatyard_cluster::apply::{Change, Force, Manner, apply};
use boatyard_cluster::prune::prune;
use boatyard_cluster::{Manifest, owner};
use boatyard_kubetest::Cluster;
use boatyard_plan::failure::{Failure as _, Fault};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::api::{ListParams, Patch, PatchParams};
use kube::core::ObjectList;
use serde_json::json;

use crate::given::{cluster, configuration, in_words, manifests, owner as ours, role};

const REAL: Manner = Manner {
    dry_run: false,
    force: Force::Nothing,
};
const DRY: Manner = Manner {
    dry_run: true,
    force: Force::Nothing,
};

#[test]
fn created_unchanged_changed() {
    let Some(kubetest) = Cluster::shared() else {
        return;
    };
    let namespace = kubetest.namespace();
    let here = cluster(&namespace);
    kubetest.block_on(async {
        let change = async |text: &str, manner| {
            let manifest = &manifests(text)[0];
            apply(&here, &ours(), manifest, manner)
                .await
                .unwrap()
                .change()
        };
        let (one, two) = (configuration("a", "one"), configuration("a", "two"));
        assert_eq!(change(&one, DRY).await, Change::Created);
        assert_eq!(change(&one, REAL).await, Change::Created);
        assert_eq!(change(&one, REAL).await, Change::Unchanged);
        assert_eq!(change(&two, DRY).await, Change::Changed);
        // The dry run has kept nothing.
        assert_eq!(change(&one, REAL).await, Change::Unchanged);
        assert_eq!(change(&two, REAL).await, Change::Changed);
        let kept = namespace.api::<ConfigMap>().get("a").await.unwrap();
        assert_eq!(kept.data.unwrap()["key"], "two");
        assert_eq!(kept.metadata.labels.unwrap()[owner::PROJECT], "shop");
        let role = role("web", "shop:1");
        assert_eq!(change(&role, REAL).await, Change::Created);
        assert_eq!(change(&role, REAL).await, Change::Unchanged);
    });
}

#[test]
fn what_others_set_is_theirs_until_it_is_taken_over() {
    let Some(kubetest) = Cluster::shared() else {
        return;
    };
    let namespace = kubetest.namespace();
    let here = cluster(&namespace);
    kubetest.block_on(async {
        let manifest = &manifests(&configuration("a", "ours"))[0];
        apply(&here, &ours(), manifest, REAL).await.unwrap();
        let theirs = json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"key": "theirs", "other": "theirs"}});
        let them = PatchParams::apply("somebody").force();
        let maps = namespace.api::<ConfigMap>();
        maps.patch("a", &them, &Patch::Apply(&theirs)).await.unwrap();

        let conflict = apply(&here, &ours(), manifest, REAL).await.unwrap_err();
        let words = in_words(&conflict);
        assert!(words.contains("ConfigMap/a") && words.contains("somebody") && words.contains("data.key"), "{words}");
        assert!(conflict.help().unwrap().contains("--force"));
        assert_eq!(conflict.fault(), Fault::Work);

        apply(&here, &ours(), manifest, Manner::of(Force::Fields)).await.unwrap();
        let data = maps.get("a").await.unwrap().data.unwrap();
        assert_eq!(data["key"], "ours");
        assert_eq!(data["other"], "theirs");
    });
}

#[test]
fn a_field_that_does_not_exist_is_a_mistake() {
    let Some(kubetest) = Cluster::shared() else {
        return;
    };
    let namespace = kubetest.namespace();
    let here = cluster(&namespace);
    kubetest.block_on(async {
        for (text, named) in [
            (
                role("web", "shop:1").replace("replicas", "replica"),
                "spec.replica",
            ),
            (
                role("web", "shop:1").replace("replicas: 1", "replicas: many"),
                ".spec.replicas: expected numeric",
            ),
        ] {
            let refusal = apply(&here, &ours(), &manifests(&text)[0], DRY)
                .await
                .unwrap_err();
            let words = in_words(&refusal);
            assert!(words.contains(named), "{words}");
            assert_eq!(refusal.fault(), Fault::User, "{words}");
        }
        let text = "{apiVersion: shop/v1, kind: Cart, metadata: {name: a}}";
        let refusal = apply(&here, &ours(), &manifests(text)[0], DRY)
            .await
            .unwrap_err();
        assert!(
            in_words(&refusal).contains("Cart"),
            "{}",
            in_words(&refusal)
        );
    });
}

#[test]
fn what_is_no_longer_wanted_goes_and_nothing_else() {
    let Some(kubetest) = Cluster::shared() else {
        return;
    };
    let namespace = kubetest.namespace();
    let here = cluster(&namespace);
    kubetest.block_on(async {
        let text = [
            configuration("stays", "a"),
            configuration("goes", "a"),
            role("web", "shop:1"),
            "---\n{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data}, spec: {accessModes: \
             [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}\n"
                .to_owned(),
        ]
        .concat();
        for manifest in &manifests(&text) {
            apply(&here, &ours(), manifest, REAL).await.unwrap();
        }
        let theirs = &manifests(&configuration("theirs", "a"))[0];
        let them = boatyard_cluster::Owner::new("another");
        apply(&here, &them, theirs, REAL).await.unwrap();

        let wanted: BTreeSet<_> = manifests(&configuration("stays", "a"))
            .iter()
            .map(Manifest::id)
            .collect();
        for dry_run in [true, false] {
            let pruned = prune(&here, &ours(), &wanted, &[], dry_run).await;
            assert!(pruned.left.is_empty(), "{:?}", pruned.left);
            let gone: Vec<String> = pruned.gone.iter().map(ToString::to_string).collect();
            assert_eq!(gone, ["Deployment/web", "ConfigMap/goes"]);
        }
        assert_eq!(prune(&here, &ours(), &wanted, &[], false).await.gone, []);
        let left: ObjectList<ConfigMap> = namespace.api().list(&ListParams::default()).await.unwrap();
        let left: BTreeSet<_> = left.into_iter().filter_map(|map| map.metadata.name).collect();
        assert!(left.contains("stays") && left.contains("theirs") && !left.contains("goes"), "{left:?}");
    });
}

#[test]
fn what_is_another_projects_is_refused_by_its_name() {
    let Some(kubetest) = Cluster::shared() else {
        return;
    };
    let namespace = kubetest.namespace();
    let here = cluster(&namespace);
    kubetest.block_on(async {
        let them = boatyard_cluster::Owner::new("another");
        let manifest = &manifests(&configuration("a", "theirs"))[0];
        apply(&here, &them, manifest, REAL).await.unwrap();
        let ours_is = &manifests(&configuration("a", "ours"))[0];
        for manner in [REAL, DRY, Manner::of(Force::Fields)] {
            let refusal = apply(&here, &ours(), ours_is, manner).await.unwrap_err();
            let words = in_words(&refusal);
            assert!(
                words.contains("ConfigMap/a") && words.contains("the project another"),
                "{words}"
            );
            assert!(refusal.help().unwrap().contains("--force"));
            assert_eq!(refusal.fault(), Fault::Work);
        }
        let maps = namespace.api::<ConfigMap>();
        assert_eq!(maps.get("a").await.unwrap().data.unwrap()["key"], "theirs");
        apply(&here, &ours(), ours_is, Manner::of(Force::Objects))
            .await
            .unwrap();
        let taken = maps.get("a").await.unwrap();
        assert_eq!(taken.data.unwrap()["key"], "ours");
        assert_eq!(taken.metadata.labels.unwrap()[owner::PROJECT], "shop");
    });
}

/// The server quotes what it cannot take.
#[test]
fn what_is_refused_of_a_secret_is_not_shown() {
    let Some(kubetest) = Cluster::shared() else {
        return;
    };
    let namespace = kubetest.namespace();
    let here = cluster(&namespace);
    kubetest.block_on(async {
        let mut masked = 0;
        for fields in [
            "stringData: {pin: 90210417}",
            "data: {pin: 90210417}",
            "data: {pin: hunter90210417}",
            "type: kubernetes.io/dockerconfigjson, stringData: {.dockerconfigjson: 'hunter90210417'}",
        ] {
            let text = format!("{{apiVersion: v1, kind: Secret, metadata: {{name: a}}, {fields}}}");
            let refusal = apply(&here, &ours(), &manifests(&text)[0], REAL).await.unwrap_err();
            let words = in_words(&refusal);
            assert!(words.contains("apply Secret/a"), "{words}");
            assert!(!words.contains("90210417"), "{words}");
            masked += usize::from(words.contains("(hidden)"));
        }
        assert!(masked > 0, "the server quotes nothing any more");
    });
}
