//! What stands for `boatyard deploy`: a child process, as ours is, that asks here for what is left of a deploy without the build.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use boatyard_cluster::retry::Limits;
use boatyard_cluster::wait::Patience;
use boatyard_cluster::{Cluster, Manifest, Refusal, namespace};
use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// Carries out deploys.
pub struct Deploys {
    cluster: Cluster,
    port: u16,
    now: AtomicUsize,
    /// At most so many at once.
    pub most: AtomicUsize,
    /// How many were begun.
    pub begun: AtomicUsize,
    patience: Patience,
}

impl Deploys {
    pub async fn start(cluster: Cluster, limits: Limits) -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let deploys = Arc::new(Self {
            cluster,
            port: listener.local_addr().unwrap().port(),
            now: AtomicUsize::default(),
            most: AtomicUsize::default(),
            begun: AtomicUsize::default(),
            patience: Patience {
                timeout: limits.call * 30,
                trouble: limits.call,
            },
        });
        let all = Arc::clone(&deploys);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(Arc::clone(&all).answer(stream));
            }
        });
        deploys
    }

    /// The command.
    pub fn script(&self) -> String {
        format!(
            "#!/bin/bash\nexec 3<>/dev/tcp/127.0.0.1/{} || exit 70\nprintf '%s\\n' \"$*\" >&3\nread -r answer <&3\n\
             [ -z \"$answer\" ] || {{ printf '%s\\n' \"$answer\"; exit 3; }}\n",
            self.port
        )
    }

    async fn answer(self: Arc<Self>, stream: TcpStream) {
        let (reader, mut writer) = stream.into_split();
        let mut reader = BufReader::new(reader);
        let mut words = String::new();
        if reader.read_line(&mut words).await.is_err() {
            return;
        }
        let words: Vec<&str> = words.split_whitespace().collect();
        let after = |name: &str| {
            let at = words.iter().position(|word| *word == name);
            at.and_then(|at| words.get(at + 1)).copied()
        };
        for word in ["deploy", "--push", "--preview", "--force"] {
            assert!(words.contains(&word), "{word} in {words:?}");
        }
        let inside = self.cluster.within(after("--namespace").unwrap());
        self.begun.fetch_add(1, Ordering::Relaxed);
        let now = self.now.fetch_add(1, Ordering::Relaxed) + 1;
        self.most.fetch_max(now, Ordering::Relaxed);
        let mut rest = String::new();
        let answer = tokio::select! {
            done = self.deploy(&inside) => done.err().map(|why| {
                json!({"error": {"message": why, "causes": [], "exit_code": 3}}).to_string()
            }),
            // Whoever is ended does not go on.
            _ = reader.read_line(&mut rest) => None,
        };
        self.now.fetch_sub(1, Ordering::Relaxed);
        let answer = format!("{}\n", answer.unwrap_or_default());
        let _ = writer.write_all(answer.as_bytes()).await;
    }

    async fn deploy(&self, inside: &Cluster) -> Result<(), String> {
        for manifest in manifests() {
            let placed = apply(inside, &manifest).await;
            placed.map_err(|refusal| format!("{refusal}: {}", refusal.source))?;
        }
        let ready = Box::pin(namespace::wake(inside, self.patience, &|_, _| {}));
        ready.await.map_err(|error| error.to_string())
    }
}

async fn apply(inside: &Cluster, manifest: &Manifest) -> Result<(), Refusal> {
    let api = inside.api_of(manifest).await?;
    let params = PatchParams::apply("boatyard").force();
    let doing = format!("apply {}", manifest.id());
    let asked = inside.calls().insist(doing, async || {
        let patch = Patch::Apply(manifest.value());
        api.patch(manifest.name(), &params, &patch).await
    });
    asked.await.map(drop)
}

/// A small project: what people look at, and its Service.
fn manifests() -> Vec<Manifest> {
    let of_pods = json!({
        "app.kubernetes.io/name": "shop", "app.kubernetes.io/managed-by": "boatyard", "app.kubernetes.io/component": "web",
    });
    // As a deploy does: pods are not labelled so.
    let mut labels = of_pods.clone();
    labels["boatyard.dev/project"] = json!("shop");
    let metadata = json!({"name": "web", "labels": labels});
    let selector = json!({"app.kubernetes.io/name": "shop"});
    let container = json!({"name": "web", "image": "registry.test/shop@sha256:0"});
    let deployment = json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata,
        "spec": {
            "selector": {"matchLabels": selector},
            "template": {"metadata": {"labels": of_pods}, "spec": {"containers": [container]}},
        },
    });
    let service = json!({
        "apiVersion": "v1", "kind": "Service", "metadata": metadata,
        "spec": {"ports": [{"port": 8080}], "selector": selector},
    });
    let of = |value: Value| Manifest::of(value).unwrap();
    vec![of(service), of(deployment)]
}
