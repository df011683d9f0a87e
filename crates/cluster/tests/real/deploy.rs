//! All of it, or as if it had not been.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use boatyard_cluster::deploy::{Error, Undone, preview};
use boatyard_kubetest::{Behaviour, Cluster, Namespace};
use futures_util::join;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::api::{ListParams, Patch, PatchParams, PostParams};
use serde_json::json;

use crate::given::{
    PATIENCE, cluster, configuration, deployed, in_words, job, manifests, owner, role,
};

/// The images of the roles, and the values of the configurations.
async fn state(namespace: &Namespace<'_>) -> BTreeSet<String> {
    let all = ListParams::default().labels(&owner().selector());
    let roles = namespace.api::<Deployment>().list(&all).await.unwrap();
    let images = roles.into_iter().map(|role| {
        let pod = role.spec.unwrap().template.spec.unwrap();
        pod.containers[0].image.clone().unwrap()
    });
    let maps = namespace.api::<ConfigMap>().list(&all).await.unwrap();
    let values = maps.into_iter().map(|map| map.data.unwrap()["key"].clone());
    images.chain(values).collect()
}

fn project(version: u32) -> String {
    [
        configuration("settings", &format!("settings-{version}")),
        job("migrate", "before-deploy"),
        role("web", &format!("shop:{version}")),
    ]
    .concat()
}

#[test]
fn jobs_run_first_and_what_went_from_the_project_goes() {
    let Some(kubetest) = Cluster::scripted() else {
        return;
    };
    let namespace = kubetest.namespace();
    kubetest.block_on(async {
        // A kind that is not swept goes because it was there the last time.
        let limits = "---\n{apiVersion: v1, kind: LimitRange, metadata: {name: limits}, spec: {limits: []}}\n";
        let first = [
            project(1),
            limits.to_owned(),
            role("old", "shop:old"),
            job("warm", "after-deploy"),
        ]
        .concat();
        let (done, told) = deployed(&namespace, &first, PATIENCE).await;
        let done = done.unwrap();
        assert_eq!(done.jobs.len(), 2);
        assert_eq!(
            told,
            [
                "Created LimitRange/limits",
                "Created ConfigMap/settings",
                "job Job/migrate",
                "Created Deployment/web",
                "Created Deployment/old",
                "job Job/warm"
            ]
        );
        let what = preview(
            &cluster(&namespace),
            &owner(),
            manifests(&project(2)),
            false,
        )
        .await
        .unwrap();
        assert_eq!(
            what.pruned
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>(),
            ["LimitRange/limits", "Job/warm", "Deployment/old"]
        );
        assert_eq!(
            state(&namespace).await,
            ["settings-1", "shop:1", "shop:old"]
                .map(str::to_owned)
                .into()
        );

        let (done, told) = deployed(&namespace, &project(2), PATIENCE).await;
        done.unwrap();
        assert_eq!(
            told,
            [
                "Changed ConfigMap/settings",
                "job Job/migrate",
                "Changed Deployment/web",
                "pruned LimitRange/limits",
                "pruned Job/warm",
                "pruned Deployment/old"
            ]
        );
        assert_eq!(
            state(&namespace).await,
            ["settings-2", "shop:2"].map(str::to_owned).into()
        );
    });
}

#[test]
fn a_failing_job_stops_it_with_its_log() {
    let Some(kubetest) = Cluster::scripted() else {
        return;
    };
    let namespace = kubetest.namespace();
    kubetest.block_on(async {
        deployed(&namespace, &project(1), PATIENCE).await.0.unwrap();
        namespace.script(
            "migrate",
            Behaviour::exits(3, "applying 0002\nno such column: title"),
        );
        let (done, told) = deployed(&namespace, &project(2), PATIENCE).await;
        let error = done.unwrap_err();
        let words = in_words(&error);
        assert!(
            matches!(
                error,
                Error::Failed {
                    undone: Undone::ToRecord,
                    ..
                }
            ),
            "{words}"
        );
        for part in [
            "Job/migrate",
            "exit code 3",
            "  | no such column: title",
            "is back",
        ] {
            assert!(words.contains(part), "no {part:?} in {words}");
        }
        assert_eq!(
            told,
            [
                "Changed ConfigMap/settings",
                "job Job/migrate",
                "undoes, to record: true"
            ]
        );
        assert_eq!(
            state(&namespace).await,
            ["settings-1", "shop:1"].map(str::to_owned).into()
        );
        // And the way is free for the mended one.
        namespace.script("migrate", Behaviour::exits(0, ""));
        deployed(&namespace, &project(3), PATIENCE).await.0.unwrap();
        assert_eq!(
            state(&namespace).await,
            ["settings-3", "shop:3"].map(str::to_owned).into()
        );
    });
}

#[test]
fn what_never_gets_ready_is_undone() {
    let Some(kubetest) = Cluster::scripted() else {
        return;
    };
    let namespace = kubetest.namespace();
    kubetest.block_on(async {
        deployed(&namespace, &project(1), PATIENCE).await.0.unwrap();
        namespace.script("shop:2", Behaviour::crash_loops(1, "no module named shop"));
        let second = [project(2), role("new", "shop:new")].concat();
        let error = deployed(&namespace, &second, PATIENCE).await.0.unwrap_err();
        let words = in_words(&error);
        assert!(
            matches!(
                error,
                Error::Failed {
                    undone: Undone::ToRecord,
                    ..
                }
            ),
            "{words}"
        );
        assert!(words.contains("no module named shop"), "{words}");
        assert_eq!(
            state(&namespace).await,
            ["settings-1", "shop:1"].map(str::to_owned).into()
        );
    });
}

#[test]
fn the_first_one_leaves_nothing_when_it_fails() {
    let Some(kubetest) = Cluster::scripted() else {
        return;
    };
    let namespace = kubetest.namespace();
    kubetest.block_on(async {
        namespace.script("shop:1", Behaviour::no_image("not found"));
        let error = deployed(&namespace, &project(1), PATIENCE)
            .await
            .0
            .unwrap_err();
        assert!(
            matches!(
                error,
                Error::Failed {
                    undone: Undone::ToNothing,
                    ..
                }
            ),
            "{}",
            in_words(&error)
        );
        assert_eq!(state(&namespace).await, BTreeSet::new());
    });
}

/// A failed first deploy leaves what others had there as it was.
#[test]
fn what_was_there_before_the_first_one_is_put_back() {
    let Some(kubetest) = Cluster::scripted() else {
        return;
    };
    let namespace = kubetest.namespace();
    kubetest.block_on(async {
        let maps = namespace.api::<ConfigMap>();
        let theirs = json!({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings", "labels": {"theirs": "yes"}}, "data": {"other": "theirs"},
        });
        let them = PatchParams::apply("somebody");
        let (settings, apply) = ("settings", Patch::Apply(&theirs));
        let before = maps.patch(settings, &them, &apply).await.unwrap();
        namespace.script("shop:1", Behaviour::no_image("not found"));
        let (done, told) = deployed(&namespace, &project(1), PATIENCE).await;
        assert!(told.contains(&"Changed ConfigMap/settings".to_owned()), "{told:?}");
        let words = in_words(&done.unwrap_err());
        assert!(words.contains("what it had made was removed"), "{words}");
        let after = maps.get(settings).await.unwrap();
        assert_eq!(after.data, before.data);
        assert_eq!(after.metadata.labels, before.metadata.labels);
        // It is theirs as before, and no obstacle to the next one.
        maps.patch(settings, &them, &apply).await.unwrap();
        namespace.script("shop:1", Behaviour::Ready { log: String::new() });
        deployed(&namespace, &project(1), PATIENCE).await.0.unwrap();
    });
}

/// Jobs cannot be changed: one of that name is removed, but not one of others.
#[test]
fn a_job_of_others_is_not_removed() {
    let Some(kubetest) = Cluster::scripted() else {
        return;
    };
    let namespace = kubetest.namespace();
    kubetest.block_on(async {
        let migrate =
            serde_json::from_value::<Job>(manifests(&job("migrate", "manual"))[0].value().clone());
        let jobs = namespace.api::<Job>();
        let there = jobs
            .create(&PostParams::default(), &migrate.unwrap())
            .await
            .unwrap();
        let asked = preview(
            &cluster(&namespace),
            &owner(),
            manifests(&project(1)),
            false,
        )
        .await;
        assert!(in_words(&asked.unwrap_err()).contains("take over Job/migrate"));
        let words = in_words(
            &deployed(&namespace, &project(1), PATIENCE)
                .await
                .0
                .unwrap_err(),
        );
        assert!(
            words.contains("take over Job/migrate") && words.contains("no deploy made it"),
            "{words}"
        );
        assert_eq!(
            jobs.get("migrate").await.unwrap().metadata.uid,
            there.metadata.uid
        );
        assert_eq!(state(&namespace).await, BTreeSet::new());
    });
}

#[test]
fn who_has_lost_the_lock_writes_nothing_more() {
    let Some(kubetest) = Cluster::scripted() else {
        return;
    };
    let namespace = kubetest.namespace();
    kubetest.block_on(async {
        deployed(&namespace, &project(1), PATIENCE).await.0.unwrap();
        namespace.script("migrate", Behaviour::Waits);
        let second = project(2);
        let deploy = deployed(&namespace, &second, PATIENCE);
        let steal = async {
            let leases = namespace.api::<Lease>();
            let jobs = namespace.api::<Job>();
            let first = jobs.get("migrate").await.unwrap().metadata.uid;
            let begin = Instant::now();
            // The second's job runs.
            loop {
                let found = jobs.get_opt("migrate").await.unwrap();
                if found.is_some_and(|job| job.metadata.uid != first) {
                    break;
                }
                assert!(
                    begin.elapsed() < PATIENCE.timeout,
                    "no second job after {:?}",
                    begin.elapsed()
                );
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            let ben = Patch::Merge(json!({"spec": {"holderIdentity": "ben"}}));
            leases
                .patch("boatyard-shop", &PatchParams::default(), &ben)
                .await
                .unwrap();
            namespace.script("migrate", Behaviour::exits(0, ""));
        };
        let ((done, told), ()) = join!(deploy, steal);
        let error = done.unwrap_err();
        let words = in_words(&error);
        assert!(matches!(error, Error::Lost(_)), "{words}");
        assert!(words.contains("ben took it over"), "{words}");
        assert_eq!(told, ["Changed ConfigMap/settings", "job Job/migrate"]);
        // Neither gone on nor undone, and ben keeps the lock.
        assert_eq!(
            state(&namespace).await,
            ["settings-2", "shop:1"].map(str::to_owned).into()
        );
        let lease = namespace.api::<Lease>().get("boatyard-shop").await.unwrap();
        assert_eq!(lease.spec.unwrap().holder_identity.as_deref(), Some("ben"));
    });
}
