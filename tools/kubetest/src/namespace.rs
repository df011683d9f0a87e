//! A namespace for each test.

use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1::{Namespace as Object, ServiceAccount};
use kube::api::{Api, DeleteParams, PostParams};
use kube::{Client, Resource};

use crate::cluster::Cluster;
use crate::kubelet::Behaviour;

/// How long the controllers may take to give a new namespace its service account.
const PATIENCE: Duration = Duration::from_secs(120);

/// A namespace of a test: deleted when this is dropped.
pub struct Namespace<'a> {
    cluster: &'a Cluster,
    client: Client,
    name: String,
}

impl<'a> Namespace<'a> {
    pub(crate) async fn create(cluster: &'a Cluster, client: Client) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("test-{}-{number}", process::id());
        let mut object = Object::default();
        object.meta_mut().name = Some(name.clone());
        Api::<Object>::all(client.clone())
            .create(&PostParams::default(), &object)
            .await
            .expect("a namespace can be made");
        let accounts = Api::<ServiceAccount>::namespaced(client.clone(), &name);
        let begin = Instant::now();
        // Without it no pod can be made.
        while accounts.get("default").await.is_err() {
            let waited = begin.elapsed();
            assert!(
                waited < PATIENCE,
                "no service account in {name} after {waited:?}"
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Self {
            cluster,
            client,
            name,
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The cluster it is in.
    pub fn cluster(&self) -> &'a Cluster {
        self.cluster
    }

    /// A client with all rights.
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// What is of one kind here.
    pub fn api<K>(&self) -> Api<K>
    where
        K: Resource<Scope = k8s_openapi::NamespaceResourceScope>,
        K::DynamicType: Default,
    {
        Api::namespaced(self.client(), &self.name)
    }

    /// From now on pods of this namespace whose name begins with `subject`, or that run the image `subject`, behave so;
    /// the latest word counts.
    ///
    /// # Panics
    ///
    /// If the cluster is not ours.
    pub fn script(&self, subject: &str, behaviour: Behaviour) {
        self.cluster.script(&self.name, subject, behaviour);
    }
}

impl Drop for Namespace<'_> {
    fn drop(&mut self) {
        let namespaces = Api::<Object>::all(self.client());
        let gone = self.cluster.block_on(async {
            namespaces
                .delete(&self.name, &DeleteParams::default())
                .await
        });
        if let Err(refusal) = gone {
            eprintln!("namespace {} is left behind: {refusal}", self.name);
        }
    }
}
