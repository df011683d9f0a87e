//! The way to a cluster.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use boatyard_plan::failure::{Failure, Fault};
use kube::api::{Api, ApiResource, DynamicObject, GroupVersionKind};
use kube::config::{KubeConfigOptions, Kubeconfig, KubeconfigError};
use kube::discovery::{Scope, oneshot::pinned_kind};
use kube::{Client, Config};

use crate::lease::Fence;
use crate::manifest::Manifest;
use crate::plugin;
use crate::refusal::Refusal;
use crate::retry::{Calls, Limits};
use crate::watch::Herald;

/// A cluster, and a namespace of it.
#[derive(Clone)]
pub struct Cluster {
    /// For calls that are answered at once, and watches.
    client: Client,
    /// For connections on which nothing may be said for long.
    lasting: Client,
    calls: Calls,
    namespace: String,
    /// Which of its objects are looked at to tell how far workloads are.
    labels: Option<Arc<str>>,
    /// Who says when something may be different in the namespace; none: whoever wants to know watches.
    herald: Option<Arc<dyn Herald>>,
    /// What is known of kinds, to whoever works with the same cluster.
    kinds: Arc<Mutex<HashMap<GroupVersionKind, (ApiResource, Scope)>>>,
}

/// Why there is no way to a cluster.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The configuration cannot be used.
    #[error("cannot tell which cluster is meant{}", .context.as_ref().map(|name| format!(" by the context {name:?}")).unwrap_or_default())]
    Configuration {
        /// The context that was asked for.
        context: Option<String>,
        /// The contexts that there are.
        known: Vec<String>,
        /// What is wrong.
        source: Box<KubeconfigError>,
    },
    /// A program that the configuration names does not say who we are.
    #[error("cannot log in to the cluster: {message}")]
    Plugin {
        /// What has become of it.
        message: String,
    },
    /// The configuration is no way to anywhere: a certificate that is none, for example.
    #[error("the configuration of the cluster cannot be used")]
    Client {
        /// What is wrong.
        source: Box<kube::Error>,
    },
}

impl Failure for Error {
    fn fault(&self) -> Fault {
        match self {
            Self::Configuration { .. } | Self::Client { .. } => Fault::User,
            Self::Plugin { .. } => Fault::Refused,
        }
    }

    fn help(&self) -> Option<String> {
        let known = match self {
            Self::Configuration { known, .. } => known.as_slice(),
            Self::Client { .. } => &[],
            Self::Plugin { .. } => return Some(plugin::HELP.to_owned()),
        };
        Some(match known {
            [] => "\"kubectl config get-contexts\" lists the contexts of $KUBECONFIG or ~/.kube/config".to_owned(),
            known => format!("$KUBECONFIG or ~/.kube/config has the contexts: {}", known.join(", ")),
        })
    }
}

impl Cluster {
    /// The cluster that `context` of the usual configuration names (default: its current one; inside a pod its own
    /// cluster), and `namespace` of it (default: the context's). Nothing is called yet.
    pub async fn connect(context: Option<&str>, namespace: Option<&str>) -> Result<Self, Error> {
        let wrong = |known, source| Error::Configuration {
            context: context.map(str::to_owned),
            known,
            source: Box::new(source),
        };
        let options = KubeConfigOptions {
            context: context.map(str::to_owned),
            ..KubeConfigOptions::default()
        };
        let config = match Kubeconfig::read() {
            Ok(read) => {
                let known = read.contexts.iter().map(|one| one.name.clone()).collect();
                let config = Config::from_custom_kubeconfig(read, &options).await;
                config.map_err(|source| wrong(known, source))?
            }
            Err(reason) => match Config::incluster() {
                Ok(config) if context.is_none() => config,
                _ => return Err(wrong(Vec::new(), reason)),
            },
        };
        let namespace = namespace.map_or_else(|| config.default_namespace.clone(), str::to_owned);
        Self::new(config, &namespace, Limits::default())
    }

    /// The cluster that `config` leads to.
    pub fn new(config: Config, namespace: &str, limits: Limits) -> Result<Self, Error> {
        let client = |config| {
            Client::try_from(config).map_err(|source| match plugin::failure(&source) {
                Some(message) => Error::Plugin { message },
                None => Error::Client {
                    source: Box::new(source),
                },
            })
        };
        let lasting = client(config.clone())?;
        let mut brief = config;
        // Also of connections that are kept for later: one that has died meanwhile is not used again.
        brief.read_timeout = Some(limits.silence());
        brief.reset_reader_on_write = true;
        Ok(Self {
            lasting,
            calls: Calls::new(limits),
            ..Self::of(client(brief)?, namespace)
        })
    }

    /// The same cluster, another namespace of it.
    #[must_use]
    pub fn within(&self, namespace: &str) -> Self {
        Self {
            namespace: namespace.to_owned(),
            labels: None,
            herald: None,
            ..self.clone()
        }
    }

    /// The same cluster and namespace, where workloads are those that `labels` (a selector) choose, and their pods: who waits for one of
    /// thousands does not have all of them listed.
    #[must_use]
    pub fn among(&self, labels: &str) -> Self {
        Self {
            labels: Some(Arc::from(labels)),
            ..self.clone()
        }
    }

    /// The same cluster and namespace, for calls that wait for no others.
    #[must_use]
    pub fn apart(&self) -> Self {
        Self {
            calls: self.calls.apart(),
            ..self.clone()
        }
    }

    /// The same cluster and namespace, where nobody watches: the herald says when to look.
    #[must_use]
    pub fn heralded(&self, herald: impl Herald + 'static) -> Self {
        Self {
            herald: Some(Arc::new(herald)),
            ..self.clone()
        }
    }

    /// The same cluster and namespace; nothing is called any more once the fence does not let it through. What only watches may go on.
    #[must_use]
    pub fn fenced(&self, fence: Fence) -> Self {
        Self {
            calls: self.calls.fenced(fence),
            ..self.clone()
        }
    }

    /// Whether somebody answers there: a mistake in the configuration is told at once, and not after patience that is for
    /// servers that are restarted.
    pub async fn reach(&self) -> Result<(), Refusal> {
        let asked = self.calls.first("reach the cluster", async || {
            self.client.apiserver_version().await
        });
        match asked.await {
            // It is there.
            Err(refusal) if refusal.code().is_some() => Ok(()),
            other => other.map(drop),
        }
    }

    /// From a client that is there, and is taken for everything.
    pub fn of(client: Client, namespace: &str) -> Self {
        Self {
            lasting: client.clone(),
            client,
            calls: Calls::default(),
            namespace: namespace.to_owned(),
            labels: None,
            herald: None,
            kinds: Arc::default(),
        }
    }

    /// The client, for calls of all kinds.
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// How calls are made.
    pub fn calls(&self) -> &Calls {
        &self.calls
    }

    /// The namespace.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// What chooses objects of a kind that tells how far workloads are; events have no labels.
    pub(crate) fn chosen(&self, kind: &str) -> Option<String> {
        let labels = self.labels.as_ref().filter(|_| kind != "Event");
        labels.map(ToString::to_string)
    }

    /// Who says when to look, if somebody does.
    pub(crate) fn herald(&self) -> Option<&dyn Herald> {
        self.herald.as_deref()
    }

    /// What is of one kind in the namespace.
    pub fn api<K>(&self) -> Api<K>
    where
        K: kube::Resource<Scope = k8s_openapi::NamespaceResourceScope>,
        K::DynamicType: Default,
    {
        Api::namespaced(self.client(), &self.namespace)
    }

    /// The same over connections on which nothing may be said for long: of a program that thinks, a log where nothing happens.
    pub fn lasting<K>(&self) -> Api<K>
    where
        K: kube::Resource<Scope = k8s_openapi::NamespaceResourceScope>,
        K::DynamicType: Default,
    {
        Api::namespaced(self.lasting.clone(), &self.namespace)
    }

    /// What is of the kind of `manifest`, in its namespace or this one.
    pub async fn api_of(&self, manifest: &Manifest) -> Result<Api<DynamicObject>, Refusal> {
        let (resource, scope) = self.resource(manifest).await?;
        Ok(match scope {
            Scope::Cluster => Api::all_with(self.client(), &resource),
            Scope::Namespaced => {
                let namespace = manifest.namespace().unwrap_or(&self.namespace);
                Api::namespaced_with(self.client(), namespace, &resource)
            }
        })
    }

    /// Whether what is of the kind of `manifest` is in namespaces.
    pub async fn is_namespaced(&self, manifest: &Manifest) -> Result<bool, Refusal> {
        let (_, scope) = self.resource(manifest).await?;
        Ok(scope == Scope::Namespaced)
    }

    /// The cluster is asked once for each kind.
    async fn resource(&self, manifest: &Manifest) -> Result<(ApiResource, Scope), Refusal> {
        let kind = manifest.kind();
        let known = {
            let kinds = self.kinds.lock().unwrap_or_else(PoisonError::into_inner);
            kinds.get(&kind).cloned()
        };
        if let Some(known) = known {
            return Ok(known);
        }
        let doing = format!("find out what {} is on this cluster", kind.kind);
        let pinned = async || pinned_kind(&self.client, &kind).await;
        let asked = self.calls.call(doing, pinned);
        let (resource, able) = asked.await?;
        let mut kinds = self.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        kinds.insert(kind, (resource.clone(), able.scope.clone()));
        Ok((resource, able.scope))
    }
}
