//! The way to the server is cut, and nobody is told.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use boatyard_cluster::apply::{Manner, Placing};
use boatyard_cluster::wait::Patience;
use boatyard_kubetest::{Behaviour, Cluster, Namespace};
use boatyard_plan::failure::{Failure as _, Fault};
use futures_util::StreamExt as _;
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::ResourceExt as _;
use kube::runtime::watcher;
use serde::de::DeserializeOwned;

use crate::given::{PATIENCE, configuration, deployed_to, in_words, job, manifests, owner, role};
use crate::{alone, by, wait_for_role, wait_until};

/// Half-open: what it has sent is lost, and so is that the role is ready.
#[test]
fn it_is_noticed_and_the_deploy_goes_on() {
    let _alone = alone();
    let Some(kubetest) = Cluster::scripted() else {
        return;
    };
    let (namespace, detour) = (kubetest.namespace(), kubetest.detour());
    namespace.script("web", Behaviour::Waits);
    let here = kubetest.block_on(async { by(&detour, &namespace) });
    let text = [configuration("settings", "a"), role("web", "shop:1")].concat();
    thread::scope(|scope| {
        let deploy = scope.spawn(|| kubetest.block_on(deployed_to(&here, &text, PATIENCE)));
        wait_for_role(kubetest, &namespace);
        detour.lose();
        let before = detour.opened();
        namespace.script("web", Behaviour::Ready { log: String::new() });
        let begin = Instant::now();
        wait_until("noticed", || detour.opened() > before);
        println!("noticed after {:.1} s", begin.elapsed().as_secs_f32());
        detour.pass();
        let (done, told) = deploy.join().expect("a deploy does not panic");
        let done = done.unwrap_or_else(|error| panic!("{}\n{told:?}", in_words(&error)));
        assert_eq!(done.applied.len(), 2);
    });
    let web = kubetest.block_on(async { namespace.api::<Deployment>().get("web").await });
    assert_eq!(web.unwrap().metadata.generation, Some(1));
}

#[test]
fn an_answer_that_is_lost_applies_nothing_twice() {
    let _alone = alone();
    let Some(kubetest) = Cluster::scripted() else {
        return;
    };
    let (namespace, detour) = (kubetest.namespace(), kubetest.detour());
    let settings = manifests(&configuration("settings", "a")).remove(0);
    kubetest.block_on(async {
        let (here, owner) = (by(&detour, &namespace), owner());
        let placing = Placing::new(&here, &owner, &settings, Manner::default());
        let placing = placing.await.unwrap();
        detour.lose_answers();
        let before = detour.opened();
        let versions = Mutex::new(Vec::new());
        let apply = async {
            let applied = placing.apply().await;
            assert!(detour.opened() > before, "no answer was lost");
            applied.unwrap()
        };
        let watch = async {
            let maps = namespace.api::<ConfigMap>();
            let wanted = watcher::Config::default().fields("metadata.name=settings");
            let mut changes = std::pin::pin!(watcher::watcher(maps, wanted));
            while let Some(change) = changes.next().await {
                if let watcher::Event::Apply(map) | watcher::Event::InitApply(map) = change.unwrap()
                {
                    versions.lock().unwrap().push(map.resource_version());
                }
            }
        };
        tokio::select! {
            _ = apply => {}
            () = watch => unreachable!("a watch does not end"),
        }
        let there = namespace.api::<ConfigMap>().get("settings").await.unwrap();
        let mut versions = versions.into_inner().unwrap();
        versions.dedup();
        assert_eq!(versions, [there.resource_version()]);
    });
}

/// Once something new is there, the connections lose what is answered from then on: what is asked next may be done and not told.
#[test]
fn a_deploy_whose_answers_are_lost_runs_its_job_once() {
    let _alone = alone();
    let Some(kubetest) = Cluster::scripted() else {
        return;
    };
    let (namespace, detour) = (kubetest.namespace(), kubetest.detour());
    namespace.script("migrate", Behaviour::exits(0, ""));
    let here = kubetest.block_on(async { by(&detour, &namespace) });
    let text = [
        configuration("settings", "a"),
        job("migrate", "before-deploy"),
        role("web", "shop:1"),
    ]
    .concat();
    let seen = Seen::default();
    let (done, told) = thread::scope(|scope| {
        let deploy = scope.spawn(|| {
            let ended = kubetest.block_on(async {
                tokio::select! {
                    ended = deployed_to(&here, &text, PATIENCE) => ended,
                    () = seen.watch(&namespace) => unreachable!("a watch does not end"),
                }
            });
            seen.is_over.store(true, Ordering::Relaxed);
            ended
        });
        let mut noticed = 0;
        for kind in ["ConfigMap", "Job", "Deployment"] {
            let is_over = || seen.is_over.load(Ordering::Relaxed);
            wait_until(kind, || seen.count(kind) > 0 || is_over());
            let before = detour.opened();
            detour.lose_answers();
            wait_until("noticed", || detour.opened() > before || is_over());
            noticed += usize::from(detour.opened() > before);
        }
        println!("noticed {noticed} times");
        assert!(noticed > 0, "no answer was lost");
        deploy.join().expect("a deploy does not panic")
    });
    let done = done.unwrap_or_else(|error| panic!("{}\n{told:?}", in_words(&error)));
    assert_eq!((done.applied.len(), done.jobs.len()), (2, 1));
    assert_eq!(seen.count("Job"), 1);
    let web = kubetest.block_on(async { namespace.api::<Deployment>().get("web").await });
    assert_eq!(web.unwrap().metadata.generation, Some(1));
}

#[test]
fn one_that_stays_is_told_and_the_next_deploy_takes_up_what_is_there() {
    let _alone = alone();
    let Some(kubetest) = Cluster::scripted() else {
        return;
    };
    let (namespace, detour) = (kubetest.namespace(), kubetest.detour());
    namespace.script("web", Behaviour::Waits);
    let here = kubetest.block_on(async { by(&detour, &namespace) });
    let text = [configuration("settings", "a"), role("web", "shop:1")].concat();
    let patience = Patience {
        timeout: Duration::from_secs(25),
        ..PATIENCE
    };
    thread::scope(|scope| {
        let deploy = scope.spawn(|| kubetest.block_on(deployed_to(&here, &text, patience)));
        wait_for_role(kubetest, &namespace);
        detour.lose();
        let begin = Instant::now();
        let error = deploy.join().expect("a deploy does not panic").0;
        let (error, took) = (error.unwrap_err(), begin.elapsed());
        let words = in_words(&error);
        println!("told after {:.1} s:\n{words}", took.as_secs_f32());
        for part in [
            "the deploy failed and could not be undone: the cluster does not answer",
            "Deployment/web is not ready after 25 s: the cluster does not answer: no answer after 3 s",
        ] {
            assert!(words.contains(part), "no {part:?} in {words}");
        }
        assert_eq!(error.fault(), Fault::Refused);
        assert!(error.help().unwrap().contains("deploy again"));
        // Patience, two calls, and what a busy machine takes.
        assert!(took < Duration::from_secs(90), "{took:?}");
    });
    detour.pass();
    namespace.script("web", Behaviour::Ready { log: String::new() });
    let (done, told) = kubetest.block_on(deployed_to(&here, &text, PATIENCE));
    done.unwrap_or_else(|error| panic!("{}\n{told:?}", in_words(&error)));
}

/// What was ever there, by another way.
#[derive(Default)]
struct Seen {
    there: Mutex<BTreeSet<(&'static str, String)>>,
    is_over: AtomicBool,
}

impl Seen {
    async fn watch(&self, namespace: &Namespace<'_>) {
        tokio::join!(
            self.watch_kind::<ConfigMap>(namespace, "settings"),
            self.watch_kind::<Job>(namespace, "migrate"),
            self.watch_kind::<Deployment>(namespace, "web"),
        );
    }

    async fn watch_kind<K>(&self, namespace: &Namespace<'_>, name: &str)
    where
        K: kube::Resource<Scope = NamespaceResourceScope, DynamicType = ()>
            + k8s_openapi::Resource
            + Clone
            + DeserializeOwned
            + Debug
            + Send
            + 'static,
    {
        // A job's name ends in what its text is.
        let mut changes = std::pin::pin!(watcher::watcher(
            namespace.api::<K>(),
            watcher::Config::default()
        ));
        while let Some(change) = changes.next().await {
            if let watcher::Event::Apply(one) | watcher::Event::InitApply(one) = change.unwrap()
                && one.name_any().starts_with(name)
            {
                let uid = one.uid().unwrap_or_default();
                self.there.lock().unwrap().insert((K::KIND, uid));
            }
        }
    }

    fn count(&self, kind: &str) -> usize {
        let there = self.there.lock().unwrap();
        there.iter().filter(|(seen, _)| *seen == kind).count()
    }
}
