//! What it costs a client to know of 5,000 Deployments: `bench/cluster` runs this and makes a table of it.
//!
//! ```text
//! cache        a cluster with the Deployments; for each way a process of its own that answers a line of JSON
//! cache WAY    that process: lists and watches until all is known, with the KUBECONFIG that it is given
//! ```

use std::collections::BTreeMap;
use std::process::Command;
use std::time::{Duration, Instant};
use std::{env, fs};

use boatyard_kubetest::Cluster;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use k8s_openapi::api::apps::v1::Deployment;
use kube::api::{Api, PartialObjectMeta, PostParams};
use kube::runtime::WatchStreamExt as _;
use kube::runtime::watcher::{Config, Event, watcher};
use kube::{Client, Resource, ResourceExt as _};
use serde::de::DeserializeOwned;
use serde_json::json;

/// Ways to know: what of each object, and how the first of them come.
const WAYS: [&str; 4] = [
    "full listed",
    "full streamed",
    "metadata listed",
    "metadata streamed",
];
/// How long all of it may take.
const LIMIT: Duration = Duration::from_secs(300);

fn main() {
    match env::args().nth(1) {
        Some(way) => one(&way),
        None => all(),
    }
}

/// How many there are.
fn count() -> usize {
    let said = env::var("BENCH_OBJECTS").ok();
    said.map_or(5000, |said| {
        said.parse().expect("BENCH_OBJECTS is a number")
    })
}

fn all() {
    let cluster = Cluster::scripted().expect("it has said why there is none");
    let namespace = cluster.namespace();
    let deployments = namespace.api::<Deployment>();
    cluster.block_on(async {
        let made = stream::iter(0..count()).map(|number| {
            let deployment = deployment(number);
            let deployments = deployments.clone();
            async move {
                let params = PostParams::default();
                deployments.create(&params, &deployment).await
            }
        });
        let mut made = made.buffer_unordered(32);
        while made.try_next().await.expect("they can be made").is_some() {}
    });
    let rounds = env::var("BENCH_ROUNDS").ok();
    let rounds = rounds.map_or(5, |said| said.parse().expect("BENCH_ROUNDS is a number"));
    // Interleaved: what the machine does meanwhile hits all of them.
    for way in WAYS.iter().cycle().take(rounds * WAYS.len()) {
        let child = Command::new(env::current_exe().expect("it runs"))
            .arg(way)
            .env("KUBECONFIG", cluster.kubeconfig())
            .env("BENCH_NAMESPACE", namespace.name())
            .status();
        assert!(child.expect("it starts").success(), "{way} failed");
    }
}

/// None of its pods is wanted: that would measure the controllers.
fn deployment(number: usize) -> Deployment {
    let labels = json!({
        "app.kubernetes.io/name": format!("shop-{number}"), "app.kubernetes.io/component": "web",
    });
    let setting = |n| json!({"name": format!("SETTING_{n}"), "value": "a value"});
    let settings: Vec<_> = (0..10).map(setting).collect();
    let pod = json!({"metadata": {"labels": labels}, "spec": {"containers": [{
        "name": "web", "image": "registry.example.com/shop/web:1", "ports": [{"containerPort": 8080}], "env": settings,
    }]}});
    serde_json::from_value(json!({
        "metadata": {"name": format!("web-{number}"), "labels": labels},
        "spec": {"replicas": 0, "selector": {"matchLabels": labels}, "template": pod},
    }))
    .expect("it is a Deployment")
}

fn one(way: &str) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime starts");
    runtime.block_on(async {
        let client = Client::try_default().await.expect("KUBECONFIG is right");
        let (what, how) = way.split_once(' ').expect("a way has two words");
        let wanted = match how {
            "streamed" => Config::default().streaming_lists(),
            _ => Config::default(),
        };
        let namespace = env::var("BENCH_NAMESPACE").expect("it is set");
        let begin = Instant::now();
        let known = async {
            if what == "full" {
                let api = Api::<Deployment>::namespaced(client, &namespace);
                known(api, wanted, begin).await
            } else {
                let api = Api::<PartialObjectMeta<Deployment>>::namespaced(client, &namespace);
                known(api, wanted, begin).await
            }
        };
        let known = tokio::time::timeout(LIMIT, known).await;
        let (objects, seconds, peak_kb) = known.expect("all is known in time");
        assert_eq!(objects, count());
        println!(
            "{}",
            json!({"way": way, "seconds": seconds, "peak_kb": peak_kb})
        );
    });
}

/// Keeps all by name, without what nobody asks for, until the first list is whole: how many there are, after how many
/// seconds, and the most memory until then in kilobytes.
async fn known<K>(api: Api<K>, wanted: Config, begin: Instant) -> (usize, f64, u64)
where
    K: Resource<DynamicType = ()> + Clone + std::fmt::Debug + DeserializeOwned + Send + 'static,
{
    let changes = watcher(api, wanted)
        .default_backoff()
        .modify(|object: &mut K| object.managed_fields_mut().clear());
    let mut changes = std::pin::pin!(changes);
    let mut store = BTreeMap::new();
    while let Some(change) = changes.next().await {
        match change.expect("the cluster answers") {
            Event::InitApply(object) => drop(store.insert(object.name_any(), object)),
            Event::InitDone => break,
            _ => {}
        }
    }
    (store.len(), begin.elapsed().as_secs_f64(), peak_kb())
}

/// The most memory that this process has had, kilobytes (proc(5), `VmHWM`).
fn peak_kb() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("it can be read");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    number.expect("the kernel says it")
}
