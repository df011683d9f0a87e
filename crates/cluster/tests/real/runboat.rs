//! Builds as runboat has them: found again whatever becomes of them while they are made, and taken away to the last object.

use std::fmt::Debug;
use std::time::{Duration, Instant};

use boatyard_cluster::Cluster as Here;
use boatyard_cluster::manifest::Id;
use boatyard_cluster::rollout::Progress;
use boatyard_cluster::runboat::{Init, Installed, Mark};
use boatyard_kubetest::{Cluster, Namespace};
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::apps::v1::{DaemonSet, Deployment, StatefulSet};
use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;
use k8s_openapi::api::batch::v1::CronJob;
use k8s_openapi::api::core::v1::{
    ConfigMap, PersistentVolumeClaim, ResourceQuota, Service, ServiceAccount,
};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::api::rbac::v1::{Role, RoleBinding};
use kube::api::{Api, DeleteParams, ListParams, PostParams};
use kube::{Client, Resource, ResourceExt as _};
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::given::{PATIENCE, cluster, in_words, manifests};

/// What kubefiles bring.
const MADE: &str = "
apiVersion: apps/v1
kind: Deployment
metadata:
  name: b1-web
  labels: {runboat/build: b1}
  annotations: {runboat/init-status: todo}
  finalizers: [runboat/cleanup]
spec:
  replicas: 0
  selector: {matchLabels: {runboat/build: b1}}
  template:
    metadata: {labels: {runboat/build: b1}}
    spec:
      terminationGracePeriodSeconds: 1
      containers: [{name: web, image: shop, volumeMounts: [{name: data, mountPath: /data}]}]
      volumes: [{name: data, persistentVolumeClaim: {claimName: b1-data}}]
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: b1-data, labels: {runboat/build: b1}, finalizers: [runboat/cleanup]}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: b1-settings, labels: {runboat/build: b1}}
data: {a: b}
---
apiVersion: v1
kind: Service
metadata: {name: b1-web, labels: {runboat/build: b1}}
spec: {selector: {runboat/build: b1}, ports: [{port: 80}]}
";

/// What they brought besides before somebody changed them.
const FORMER: &str = "
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: b1-db, labels: {runboat/build: b1}}
spec:
  serviceName: b1-web
  replicas: 0
  selector: {matchLabels: {app: db}}
  template: {metadata: {labels: {app: db}}, spec: {containers: [{name: db, image: db}]}}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: b1-agent, labels: {runboat/build: b1}}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec: {nodeSelector: {is: nowhere}, containers: [{name: agent, image: agent}]}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: b1-yearly, labels: {runboat/build: b1}}
spec:
  schedule: 0 0 1 1 *
  suspend: true
  jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: a}]}}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: b1-db, labels: {runboat/build: b1}}
spec: {podSelector: {matchLabels: {app: db}}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: b1-db, labels: {runboat/build: b1}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: b1-db, labels: {runboat/build: b1}}
rules: []
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: b1-db, labels: {runboat/build: b1}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: b1-db}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: b1-db, labels: {runboat/build: b1}}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: StatefulSet, name: b1-db}, maxReplicas: 2}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: b1-db, labels: {runboat/build: b1}}
spec: {minAvailable: 1, selector: {matchLabels: {app: db}}}
";

fn mark(record: &str) -> Mark {
    Mark {
        server: "boats".to_owned(),
        environment: "e1".to_owned(),
        record: record.to_owned(),
    }
}

/// What is left of a kind.
async fn left<K>(namespace: &Namespace<'_>) -> Vec<String>
where
    K: Resource<DynamicType = (), Scope = NamespaceResourceScope>,
    K: Clone + Debug + DeserializeOwned,
{
    let chosen = ListParams::default().labels("runboat/build=b1");
    let all = namespace.api::<K>().list(&chosen).await.unwrap();
    let named = |one: &K| format!("{}/{}", K::kind(&()), one.name_any());
    all.items.iter().map(named).collect()
}

async fn all_left(namespace: &Namespace<'_>) -> Vec<String> {
    [
        left::<Deployment>(namespace).await,
        left::<PersistentVolumeClaim>(namespace).await,
        left::<ConfigMap>(namespace).await,
        left::<Service>(namespace).await,
        left::<StatefulSet>(namespace).await,
        left::<DaemonSet>(namespace).await,
        left::<CronJob>(namespace).await,
        left::<NetworkPolicy>(namespace).await,
        left::<ServiceAccount>(namespace).await,
        left::<Role>(namespace).await,
        left::<RoleBinding>(namespace).await,
        left::<HorizontalPodAutoscaler>(namespace).await,
        left::<PodDisruptionBudget>(namespace).await,
    ]
    .concat()
}

/// From now on the namespace takes no configuration.
async fn take_no_configuration(namespace: &Namespace<'_>) {
    let quota: ResourceQuota = serde_json::from_value(json!({
        "metadata": {"name": "none"}, "spec": {"hard": {"count/configmaps": "0"}},
    }))
    .unwrap();
    let make = PostParams::default();
    let quotas = namespace.api::<ResourceQuota>();
    quotas.create(&make, &quota).await.unwrap();
    let another: ConfigMap =
        serde_json::from_value(json!({"metadata": {"generateName": "another-"}})).unwrap();
    let maps = namespace.api::<ConfigMap>();
    until("refused: another ConfigMap", async || {
        maps.create(&make, &another).await.is_err()
    })
    .await;
}

/// Somebody who may not delete Services, and may not even see what else kubefiles may have brought.
async fn somebody(namespace: &Namespace<'_>) -> Here {
    let name = format!("tom-{}", namespace.name());
    let role: Role = serde_json::from_value(json!({
        "metadata": {"name": "tom"},
        "rules": [
            {
                "apiGroups": ["", "apps", "batch", "networking.k8s.io"],
                "resources": ["deployments", "ingresses", "configmaps", "secrets", "persistentvolumeclaims", "jobs"],
                "verbs": ["*"],
            },
            {"apiGroups": [""], "resources": ["services"], "verbs": ["get", "list"]},
        ],
    }))
    .unwrap();
    let binding: RoleBinding = serde_json::from_value(json!({
        "metadata": {"name": "tom"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "tom"},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": name}],
    }))
    .unwrap();
    let make = PostParams::default();
    let (roles, bindings) = (namespace.api::<Role>(), namespace.api::<RoleBinding>());
    roles.create(&make, &role).await.unwrap();
    bindings.create(&make, &binding).await.unwrap();
    let mut config = namespace.cluster().config().clone();
    config.auth_info.impersonate = Some(name);
    let client = Client::try_from(config).unwrap();
    let services = Api::<Service>::namespaced(client.clone(), namespace.name());
    until("permitted: to list Services", async || {
        services.list(&ListParams::default()).await.is_ok()
    })
    .await;
    Here::of(client, namespace.name())
}

async fn until(what: &str, is_so: impl AsyncFn() -> bool) {
    let begin = Instant::now();
    while !is_so().await {
        let waited = begin.elapsed();
        assert!(
            waited < Duration::from_secs(60),
            "not {what} after {waited:?}"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[test]
fn a_build_is_found_though_the_rest_of_it_could_not_be_placed() {
    let Some(kubetest) = Cluster::shared() else {
        return;
    };
    let namespace = kubetest.namespace();
    let here = cluster(&namespace);
    kubetest.block_on(async {
        let made = manifests(MADE);
        let at = Installed::made_of(&here, "b1", &made);
        let first = mark("first");
        let rehearsed = at.rehearse(&made, &first, Init::Todo).await.unwrap();
        take_no_configuration(&namespace).await;
        let error = rehearsed.place().await.unwrap_err();
        let words = in_words(&error);
        assert!(words.contains("apply ConfigMap/b1-settings"), "{words}");

        let found = Installed::find(&here, "boats", "e1").await.unwrap();
        let there = found.expect("it was placed before all else");
        assert_eq!(there.deployment, "b1-web");
        assert_eq!(there.record.as_deref(), Some("first"));
        assert_eq!((there.init, there.replicas), (Some(Init::Todo), 0));
        assert!(!there.is_runboats);
        Installed::of(&here, &there).clear(&[]).await.unwrap();
        assert_eq!(all_left(&namespace).await, [""; 0]);
    });
}

#[test]
fn what_is_placed_later_does_not_say_whose_it_is_and_takes_nothing_away() {
    let Some(kubetest) = Cluster::shared() else {
        return;
    };
    let namespace = kubetest.namespace();
    let here = cluster(&namespace);
    kubetest.block_on(async {
        let made = manifests(MADE);
        let at = Installed::made_of(&here, "b1", &made);
        let record = async || {
            let found = Installed::find(&here, "boats", "e1").await.unwrap();
            found.and_then(|there| there.record)
        };
        let place_all = async |mark: &Mark, init| {
            let rehearsed = at.rehearse(&made, mark, init).await.unwrap();
            rehearsed.place().await.unwrap();
        };
        place_all(&mark("first"), Init::Todo).await;
        assert!(at.begin(&mark("first")).await.unwrap());
        let begun = at.there().await.unwrap().unwrap();
        assert_eq!(begun.init, Some(Init::Started));
        at.place(&made).await.unwrap();
        assert_eq!(record().await.as_deref(), Some("first"));
        assert!(at.mark(&mark("second")).await.unwrap());
        at.place(&made).await.unwrap();
        assert_eq!(record().await.as_deref(), Some("second"));

        // What was begun once is not new when all of it is placed again.
        place_all(&mark("third"), Init::Failed).await;
        assert_eq!(record().await.as_deref(), Some("third"));
        let again = at.there().await.unwrap().unwrap();
        assert_eq!(again.init, Some(Init::Failed));
        at.clear(&made).await.unwrap();
        assert_eq!(all_left(&namespace).await, [""; 0]);
    });
}

#[test]
fn what_somebody_has_deleted_is_taken_away_to_its_last_object() {
    let Some(kubetest) = Cluster::scripted() else {
        return;
    };
    let namespace = kubetest.namespace();
    let here = cluster(&namespace);
    kubetest.block_on(async {
        let made = manifests(MADE);
        let at = Installed::made_of(&here, "b1", &made);
        let all = [made.clone(), manifests(FORMER)].concat();
        at.place(&all).await.unwrap();
        assert_eq!(all_left(&namespace).await.len(), all.len());
        at.set(None, Some(1)).await.unwrap();
        let tell = |_: &Id, _: &Progress| {};
        at.ready("b1-web", PATIENCE, &tell).await.unwrap();
        let deployments = namespace.api::<Deployment>();
        let (web, now) = ("b1-web", DeleteParams::background());
        deployments.delete(web, &now).await.unwrap();

        // By its Deployment it is found again as long as anything else may be left.
        let tom = Installed::made_of(&somebody(&namespace).await, "b1", &made);
        let words = in_words(&tom.clear(&made).await.unwrap_err());
        assert!(words.contains("remove Service/b1-web"), "{words}");
        let going = deployments.get(web).await.unwrap();
        assert_eq!(going.finalizers(), ["runboat/cleanup"]);

        at.clear(&made).await.unwrap();
        assert_eq!(all_left(&namespace).await, [""; 0]);
    });
}
