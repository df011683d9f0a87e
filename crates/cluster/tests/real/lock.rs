//! One deploy of a project at a time.

use std::sync::Mutex;
use std::time::Duration;

use boatyard_cluster::lease::{self, Error, Lost, lock};
use boatyard_kubetest::Cluster;
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use kube::api::{Patch, PatchParams, PostParams};
use serde_json::json;

use crate::given::{cluster, in_words, owner};

const LONG: Duration = Duration::from_secs(60);

#[test]
fn the_second_waits_for_the_first_or_is_told_who_it_is() {
    let Some(kubetest) = Cluster::shared() else {
        return;
    };
    let namespace = kubetest.namespace();
    let here = cluster(&namespace);
    kubetest.block_on(async {
        let silent = |_: &str| {};
        let first = lock(&here, &owner(), "ann on one", Duration::ZERO, &silent)
            .await
            .unwrap();
        let refused = lock(&here, &owner(), "ben on two", Duration::ZERO, &silent).await;
        let Err(refused) = refused else {
            panic!("two hold it")
        };
        assert!(matches!(refused, Error::Held { .. }));
        assert!(
            in_words(&refused).contains("ann on one is deploying shop since 2"),
            "{refused}"
        );

        let told = Mutex::new(Vec::new());
        let tell = |holder: &str| told.lock().unwrap().push(holder.to_owned());
        let owner = owner();
        let second = lock(&here, &owner, "ben on two", LONG, &tell);
        let release = async {
            // The second has seen the first before that one lets go.
            for _ in 0..3000 {
                if !told.lock().unwrap().is_empty() {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            first.release().await.unwrap();
        };
        let (second, ()) = futures_util::join!(second, release);
        let second = second.unwrap();
        assert_eq!(*told.lock().unwrap(), ["ann on one"]);
        second.confirm().await.unwrap();
        second.release().await.unwrap();
    });
}

/// Dead holders give way by the clock of who waits, whatever theirs said.
#[test]
fn what_is_not_seen_renewed_is_taken_over() {
    let Some(kubetest) = Cluster::shared() else {
        return;
    };
    let namespace = kubetest.namespace();
    let here = cluster(&namespace);
    kubetest.block_on(async {
        let silent = |_: &str| {};
        let ahead = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24);
        let killed = json!({
            "metadata": {"name": "boatyard-shop"},
            "spec": {
                "holderIdentity": "killed", "leaseDurationSeconds": 1, "leaseTransitions": 6,
                "renewTime": MicroTime(ahead),
            },
        });
        let leases = namespace.api::<Lease>();
        let killed = serde_json::from_value(killed).unwrap();
        leases
            .create(&PostParams::default(), &killed)
            .await
            .unwrap();
        let ann = lock(&here, &owner(), "ann", LONG, &silent).await.unwrap();
        ann.confirm().await.unwrap();
        let spec = leases.get("boatyard-shop").await.unwrap().spec.unwrap();
        assert_eq!(spec.lease_transitions, Some(7));

        // Ann sleeps; her lease is made short so that the test is.
        let short = Patch::Merge(json!({"spec": {"leaseDurationSeconds": 1}}));
        let merge = PatchParams::default();
        leases.patch("boatyard-shop", &merge, &short).await.unwrap();
        let ben = lock(&here, &owner(), "ben", LONG, &silent).await.unwrap();
        ben.confirm().await.unwrap();
        let lost = Lost {
            project: "shop".to_owned(),
            by: Some("ben".to_owned()),
        };
        match ann.confirm().await {
            Err(Error::Lost(found)) => assert_eq!(found, lost),
            other => panic!("{other:?}"),
        }
        let told = tokio::time::timeout(LONG, ann.lost()).await;
        assert_eq!(told.expect("it was not told within 60 s"), lost);
        assert!(ann.sure().await.is_err());
        // Who lost it takes nothing from who has it.
        ann.release().await.unwrap();
        ben.confirm().await.unwrap();
        ben.release().await.unwrap();
        let lease = leases.get("boatyard-shop").await.unwrap().spec;
        assert_eq!(
            lease::decide(lease.as_ref(), Duration::ZERO),
            lease::Decision::Take
        );
    });
}
