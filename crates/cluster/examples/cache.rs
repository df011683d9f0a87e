//! What it costs a client to know of 5,000 Deployments: `bench/cluster` runs this and makes a table of it.
//!
//! ```text
//! cache        a cluster with the Deployments; for each way a process of its own that answers a line of JSON
//! cache WAY    that process: lists and watches until all is known, with the KUBECONFIG that it is given
//! ```

use std::collections::BTreeMap;
use std::pin::pin;
use std::process::Command;
use std::time::{Duration, Instant};
use std::{env, fs};

use boatyard_cluster::retry::Limits;
use boatyard_cluster::watch::{First, Metadata, Meter, Wanted, feed};
use boatyard_kubetest::Cluster;
use futures_util::{Stream, StreamExt as _, TryStreamExt as _, stream};
use k8s_openapi::api::apps::v1::Deployment;
use kube::api::{Api, PartialObjectMeta, PostParams};
use kube::runtime::WatchStreamExt as _;
use kube::runtime::watcher::{Config, Event, watcher};
use kube::{Client, Resource, ResourceExt};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Ways to know: what of each object, how the first of them come, and by whose watch if not by ours.
const WAYS: [&str; 5] = [
    "full listed",
    "full streamed",
    "metadata listed",
    "metadata streamed",
    "metadata streamed by kube",
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
    // On the thread that reads the connection, as a server's tasks are: to be woken on another for each object
    // takes nearly as much again.
    let way = way.to_owned();
    let work = runtime.spawn(async move {
        let client = Client::try_default().await.expect("KUBECONFIG is right");
        let (what, how) = way.split_once(' ').expect("a way has two words");
        let wanted = Wanted {
            first: match how {
                "listed" => First::Listed,
                _ => First::Streamed,
            },
            ..Wanted::default()
        };
        let namespace = env::var("BENCH_NAMESPACE").expect("it is set");
        let begin = Begin::now();
        let known = async {
            if what == "full" {
                let api = Api::<Deployment>::namespaced(client, &namespace);
                known(ours(api, wanted), begin).await
            } else if how.ends_with("kube") {
                let api = Api::<PartialObjectMeta<Deployment>>::namespaced(client, &namespace);
                known(kubes(api), begin).await
            } else {
                let api = Api::<Metadata<Deployment>>::namespaced(client, &namespace);
                known(ours(api, wanted), begin).await
            }
        };
        let known = tokio::time::timeout(LIMIT, known).await;
        let (objects, mut figures) = known.expect("all is known in time");
        assert_eq!(objects, count());
        figures["way"] = json!(way);
        println!("{figures}");
    });
    runtime.block_on(work).expect("it does not panic");
}

/// When it began, and how much of the processors it had used then.
struct Begin {
    at: Instant,
    used: Duration,
}

impl Begin {
    fn now() -> Self {
        Self {
            at: Instant::now(),
            used: used(),
        }
    }
}

fn ours<K>(api: Api<K>, wanted: Wanted) -> impl Stream<Item = Event<K>>
where
    K: Resource<DynamicType = ()> + Clone + std::fmt::Debug + DeserializeOwned + Send + 'static,
{
    let changes = feed(api, wanted, Limits::default(), Meter::default());
    changes.map(|change| change.expect("we may look"))
}

fn kubes<K>(api: Api<K>) -> impl Stream<Item = Event<K>>
where
    K: Resource<DynamicType = ()> + Clone + std::fmt::Debug + DeserializeOwned + Send + 'static,
{
    let changes = watcher(api, Config::default().streaming_lists()).default_backoff();
    changes.map(|change| change.expect("the cluster answers"))
}

/// Keeps all by name, without what nobody asks for, until the first list is whole: how many there are, and what it cost until then.
async fn known<K: ResourceExt>(
    changes: impl Stream<Item = Event<K>>,
    begin: Begin,
) -> (usize, Value) {
    let mut changes = pin!(changes);
    let mut store = BTreeMap::new();
    while let Some(change) = changes.next().await {
        match change.modify(|object| object.managed_fields_mut().clear()) {
            Event::InitApply(object) => drop(store.insert(object.name_any(), object)),
            Event::InitDone => break,
            _ => {}
        }
    }
    let cost = json!({
        "seconds": begin.at.elapsed().as_secs_f64(),
        "cpu_seconds": used().saturating_sub(begin.used).as_secs_f64(),
        "peak_kb": peak_kb(),
    });
    (store.len(), cost)
}

/// For how long threads of this process ran, in user space and in the kernel (Documentation/scheduler/sched-stats.rst).
fn used() -> Duration {
    let tasks = fs::read_dir("/proc/self/task").expect("it can be read");
    let nanoseconds = tasks.map(|task| {
        let path = task.expect("it can be read").path().join("schedstat");
        let text = fs::read_to_string(path).expect("it can be read");
        let first = text.split(' ').next();
        first
            .and_then(|first| first.parse::<u64>().ok())
            .expect("it is a number")
    });
    Duration::from_nanos(nanoseconds.sum())
}

/// The most memory that this process has had, kilobytes (proc(5), `VmHWM`).
fn peak_kb() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("it can be read");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    number.expect("the kernel says it")
}
