//! One deploy of a project at a time.

use std::sync::Mutex;
use std::time::Duration;

use boatyard_cluster::lease::{self, Error, SECONDS, lock};
use boatyard_kubetest::Cluster;
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use kube::api::{Patch, PatchParams};
use serde_json::json;

use crate::given::{cluster, in_words, owner};

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
        let second = lock(&here, &owner, "ben on two", Duration::from_secs(60), &tell);
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
        assert!(second.is_ours().await.unwrap());
        second.release().await.unwrap();
    });
}

#[test]
fn what_is_not_renewed_is_taken_over() {
    let Some(kubetest) = Cluster::shared() else {
        return;
    };
    let namespace = kubetest.namespace();
    let here = cluster(&namespace);
    kubetest.block_on(async {
        let silent = |_: &str| {};
        let killed = lock(&here, &owner(), "killed", Duration::ZERO, &silent)
            .await
            .unwrap();
        let past = jiff::Timestamp::now() - jiff::SignedDuration::from_secs(i64::from(SECONDS) + 1);
        let old = json!({"spec": {"renewTime": MicroTime(past)}});
        let leases = namespace.api::<Lease>();
        let merge = PatchParams::default();
        leases
            .patch("boatyard-shop", &merge, &Patch::Merge(&old))
            .await
            .unwrap();
        let next = lock(&here, &owner(), "next", Duration::ZERO, &silent)
            .await
            .unwrap();
        assert!(next.is_ours().await.unwrap());
        assert!(!killed.is_ours().await.unwrap());
        // Who lost it takes nothing from who has it.
        killed.release().await.unwrap();
        assert!(next.is_ours().await.unwrap());
        next.release().await.unwrap();
        let lease = leases.get("boatyard-shop").await.unwrap().spec;
        assert_eq!(
            lease::decide(lease.as_ref(), jiff::Timestamp::now()),
            lease::Decision::Take
        );
    });
}
