//! Who may do little deploys all the same; what may not be done is told, and ends nothing else.

use std::time::{Duration, Instant};

use boatyard_cluster::deploy::Error;
use boatyard_cluster::{Cluster, Manifest, record};
use boatyard_kubetest::{Behaviour, Namespace};
use boatyard_plan::failure::{Failure as _, Fault};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::authorization::v1::SelfSubjectAccessReview;
use k8s_openapi::api::core::v1::ConfigMap;
use k8s_openapi::api::rbac::v1::{Role, RoleBinding};
use kube::Client;
use kube::api::{Api, Patch, PatchParams, PostParams};
use serde_json::{Value, json};

use crate::given::{PATIENCE, configuration, deployed_to, in_words, manifests, owner, role};

const ALL: &[&str] = &[
    "get", "list", "watch", "create", "patch", "update", "delete",
];
const KEEP: &[&str] = &["get", "list", "watch", "create", "patch", "update"];
const LOOK: &[&str] = &["get", "list", "watch"];

/// What a deploy of configurations and deployments needs, with these verbs for configurations: no events, no other workloads.
fn rules(configurations: &[&str]) -> Value {
    let rule = |group: &str, kinds: &[&str], verbs: &[&str]| json!({"apiGroups": [group], "resources": kinds, "verbs": verbs});
    json!([
        rule("coordination.k8s.io", &["leases"], ALL),
        rule("apps", &["deployments"], ALL),
        rule("apps", &["replicasets"], LOOK),
        rule("", &["secrets"], ALL),
        rule("", &["pods", "pods/log"], LOOK),
        rule("", &["configmaps"], configurations),
    ])
}

/// Somebody with a role of its own in a namespace.
struct Somebody<'a> {
    namespace: &'a Namespace<'a>,
    client: Client,
}

impl<'a> Somebody<'a> {
    async fn with(namespace: &'a Namespace<'a>, configurations: &[&str]) -> Self {
        let name = format!("ann-{}", namespace.name());
        let mut config = namespace.cluster().config().clone();
        config.auth_info.impersonate = Some(name.clone());
        let client = Client::try_from(config).unwrap();
        let somebody = Self { namespace, client };
        let binding: RoleBinding = serde_json::from_value(json!({
            "metadata": {"name": "ann"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "ann"},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": name}],
        }))
        .unwrap();
        let bindings = namespace.api::<RoleBinding>();
        bindings
            .create(&PostParams::default(), &binding)
            .await
            .unwrap();
        somebody.may(configurations).await;
        somebody
    }

    fn here(&self) -> Cluster {
        Cluster::of(self.client.clone(), self.namespace.name())
    }

    /// Changes what it may do with configurations, and waits until that holds.
    async fn may(&self, verbs: &[&str]) {
        let role = json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "ann"}, "rules": rules(verbs),
        });
        let params = PatchParams::apply("the-test").force();
        let roles = self.namespace.api::<Role>();
        roles
            .patch("ann", &params, &Patch::Apply(&role))
            .await
            .unwrap();
        for verb in ["get", "patch", "delete"] {
            let begin = Instant::now();
            while self.may_now(verb).await != verbs.contains(&verb) {
                assert!(
                    begin.elapsed() < Duration::from_secs(60),
                    "the right to {verb} is not as it should be after 60 s"
                );
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }

    async fn may_now(&self, verb: &str) -> bool {
        let review: SelfSubjectAccessReview =
            serde_json::from_value(json!({"spec": {"resourceAttributes": {
                "namespace": self.namespace.name(), "verb": verb, "resource": "configmaps",
            }}}))
            .unwrap();
        let reviews = Api::<SelfSubjectAccessReview>::all(self.client.clone());
        let answer = reviews
            .create(&PostParams::default(), &review)
            .await
            .unwrap();
        answer.status.unwrap().allowed
    }
}

async fn image(namespace: &Namespace<'_>) -> String {
    let web = namespace.api::<Deployment>().get("web").await.unwrap();
    let pod = web.spec.unwrap().template.spec.unwrap();
    pod.containers[0].image.clone().unwrap()
}

async fn value(namespace: &Namespace<'_>) -> String {
    let map = namespace.api::<ConfigMap>().get("settings").await.unwrap();
    map.data.unwrap()["key"].clone()
}

fn project(version: u32) -> String {
    let settings = configuration("settings", &version.to_string());
    settings.replace("key: ", "key: v") + &role("web", &format!("shop:{version}"))
}

#[test]
fn what_may_not_be_undone_is_told_and_the_rest_is_undone() {
    let Some(kubetest) = boatyard_kubetest::Cluster::scripted() else {
        return;
    };
    let namespace = kubetest.namespace();
    kubetest.block_on(async {
        let ann = Somebody::with(&namespace, ALL).await;
        deployed_to(&ann.here(), &project(1), PATIENCE)
            .await
            .0
            .unwrap();
        namespace.script("shop:2", Behaviour::Waits);
        let (here, second) = (ann.here(), project(2));
        let deploy = deployed_to(&here, &second, PATIENCE);
        let revoke = async {
            let begin = Instant::now();
            while image(&namespace).await != "shop:2" {
                assert!(
                    begin.elapsed() < PATIENCE.timeout,
                    "no shop:2 after {:?}",
                    begin.elapsed()
                );
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            ann.may(LOOK).await;
            namespace.script("shop:2", Behaviour::crash_loops(1, "no module named shop"));
        };
        let ((done, _), ()) = futures_util::join!(deploy, revoke);
        let error = done.unwrap_err();
        let words = in_words(&error);
        assert!(
            matches!(&error, Error::HalfWay { left, .. } if left.len() == 1),
            "{words}"
        );
        for part in [
            "not all of it could be undone:\n  cannot apply ConfigMap/settings: ",
            "forbidden",
            "no module named shop",
        ] {
            assert!(words.contains(part), "no {part:?} in {words}");
        }
        assert_eq!(value(&namespace).await, "v2");
        assert_eq!(image(&namespace).await, "shop:1");
    });
}

#[test]
fn what_may_not_be_removed_is_told_and_the_rest_is_kept() {
    let Some(kubetest) = boatyard_kubetest::Cluster::scripted() else {
        return;
    };
    let namespace = kubetest.namespace();
    kubetest.block_on(async {
        let ann = Somebody::with(&namespace, KEEP).await;
        let first = [project(1), configuration("old", "a"), role("old", "shop:1")].concat();
        deployed_to(&ann.here(), &first, PATIENCE).await.0.unwrap();
        let (done, told) = deployed_to(&ann.here(), &project(2), PATIENCE).await;
        let error = done.unwrap_err();
        let words = in_words(&error);
        assert!(
            matches!(&error, Error::Unpruned { left } if left.len() == 1),
            "{words}"
        );
        assert!(
            words.contains("all is deployed") && words.contains("cannot remove ConfigMap/old: "),
            "{words}"
        );
        assert_eq!(error.fault(), Fault::Work);
        assert!(
            told.contains(&"pruned Deployment/old".to_owned()),
            "{told:?}"
        );
        // It is what the next one goes back to.
        let kept = record::read(&ann.here(), &owner()).await.unwrap().unwrap();
        let ids = |all: Vec<Manifest>| all.iter().map(Manifest::id).collect::<Vec<_>>();
        assert_eq!(ids(kept), ids(manifests(&project(2))));
        ann.may(ALL).await;
        let (done, _) = deployed_to(&ann.here(), &project(2), PATIENCE).await;
        let gone: Vec<_> = done
            .unwrap()
            .pruned
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(gone, ["ConfigMap/old"]);
    });
}
