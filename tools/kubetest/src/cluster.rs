//! A cluster, as tests see it.

use std::future::Future;
use std::io;
use std::path::{Path, PathBuf};

use k8s_openapi::api::core::v1::PersistentVolumeClaim;
use kube::api::Api;
use kube::{Client, Config};
use rustix::process::Signal;
use tokio::runtime::Runtime;

use crate::control::{Begun, Ours, SERVER, configuration, runtime};
use crate::kubelet::{Behaviour, Scripts};
use crate::namespace::Namespace;
use crate::node::{Inside, REGISTRY, REGISTRY_OF_PODS};

/// A cluster, real as far as the nodes, or with a real one.
pub struct Cluster {
    runtime: Runtime,
    config: Config,
    kubeconfig: PathBuf,
    /// None: the cluster is not ours.
    ours: Option<Ours>,
}

impl Cluster {
    pub(crate) fn existing(kubeconfig: PathBuf) -> io::Result<Self> {
        let runtime = runtime()?;
        let config = runtime.block_on(configuration(&kubeconfig))?;
        Ok(Self {
            runtime,
            config,
            kubeconfig,
            ours: None,
        })
    }

    pub(crate) fn begun(begun: Begun) -> Self {
        Self {
            runtime: begun.runtime,
            config: begun.config,
            kubeconfig: begun.ours.kubeconfig(),
            ours: Some(begun.ours),
        }
    }

    /// Waits for what `work` answers, on the cluster's own runtime. Not to be called from asynchronous code.
    pub fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        let _inside = self.enter();
        self.runtime.block_on(work)
    }

    /// Moves this thread into the network that the cluster is in, until what this returns is dropped; so are the threads
    /// and processes that it starts meanwhile. They reach the registry, the API server and services, and nothing
    /// outside. None: the cluster is in the network of the machine.
    ///
    /// # Panics
    ///
    /// If the machine does not permit what it has permitted when the cluster began.
    #[must_use = "the thread comes back when this is dropped"]
    pub fn enter(&self) -> Option<Inside> {
        let place = self.ours.as_ref()?.place.as_ref()?;
        Some(place.enter().expect("the network exists as long as we do"))
    }

    /// `HOST:PORT` of the registry that a real node pulls from, in the network of the cluster.
    pub fn registry(&self) -> &'static str {
        REGISTRY
    }

    /// The same registry as programs in pods reach it, without TLS.
    pub fn registry_of_pods(&self) -> &'static str {
        REGISTRY_OF_PODS
    }

    /// A client with all rights.
    ///
    /// # Panics
    ///
    /// If the configuration is not valid.
    pub fn client(&self) -> Client {
        let _inside = self.runtime.enter();
        Client::try_from(self.config.clone()).expect("the configuration is valid")
    }

    /// How to reach it, with all rights.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The configuration's file, for commands.
    pub fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }

    /// A new namespace that goes when what this returns is dropped.
    pub fn namespace(&self) -> Namespace<'_> {
        self.block_on(Namespace::create(self, self.client()))
    }

    /// As [`Namespace::script`], of a namespace that need not be there yet, and that somebody else makes.
    ///
    /// # Panics
    ///
    /// If the cluster is not ours.
    pub fn script(&self, namespace: &str, subject: &str, behaviour: Behaviour) {
        let scripts = self.scripts().expect("the cluster is ours");
        scripts.add(namespace, subject, behaviour);
    }

    pub(crate) fn is_ours(&self) -> bool {
        self.ours.is_some()
    }

    pub(crate) fn scripts(&self) -> Option<&Scripts> {
        self.ours.as_ref().map(|ours| &ours.scripts)
    }

    /// The folder that is the volume of a claim, once it is bound; none: nothing is bound to it.
    ///
    /// # Panics
    ///
    /// If the cluster is not ours, or does not answer.
    pub fn volume(&self, namespace: &str, claim: &str) -> Option<PathBuf> {
        let ours = self.ours.as_ref().expect("the cluster is ours");
        let claims = Api::<PersistentVolumeClaim>::namespaced(self.client(), namespace);
        let asked = self.block_on(claims.get_opt(claim));
        let found = asked.expect("the cluster answers")?;
        Some(ours.volumes.folder(&found)).filter(|folder| folder.is_dir())
    }

    pub(crate) fn audit(&self) -> Option<PathBuf> {
        self.ours.as_ref().map(Ours::audit)
    }

    pub(crate) fn etcd(&self) -> Option<String> {
        self.ours.as_ref()?.etcd()
    }

    /// Stops etcd from answering while `work` goes on.
    ///
    /// # Panics
    ///
    /// If the cluster is not ours.
    pub fn while_etcd_is_paused<T>(&self, work: impl FnOnce() -> T) -> T {
        let ours = self.ours.as_ref().expect("the cluster is ours");
        let signal = |signal| ours.children()[0].signal(signal).expect("etcd runs");
        signal(Signal::STOP);
        let answer = work();
        signal(Signal::CONT);
        answer
    }

    /// Kills the API server and starts it again; returns when it answers.
    ///
    /// # Panics
    ///
    /// If the cluster is not ours, or the server does not come back.
    pub fn restart_server(&self) {
        let ours = self.ours.as_ref().expect("the cluster is ours");
        ours.children()[SERVER].kill().expect("the API server ran");
        ours.launch(SERVER).expect("the API server starts again");
        self.block_on(ours.ready(&self.config))
            .expect("the API server answers again");
    }
}
