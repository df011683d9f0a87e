//! Which namespaces there are, and what is written on them.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Namespace;
use kube::ResourceExt as _;
use kube::api::{Api, ListParams, Patch, PatchParams};
use serde_json::json;

use super::objects::{ENVIRONMENT, FRONT, NAME, PHASE, PROJECT, RECORD, SERVER};
use super::settle::{KEEPER, read};
use crate::connect::Cluster;
use crate::pages;
use crate::refusal::Refusal;

/// A namespace that a server keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its name.
    pub namespace: String,
    /// Which environment it is.
    pub environment: String,
    /// The server's record of it, if it has one.
    pub record: Option<String>,
    /// The project that was deployed to it.
    pub project: String,
    /// The role that people look at.
    pub front: String,
    /// Whether it is being removed.
    pub is_going: bool,
}

impl Found {
    fn of(there: &Namespace) -> Self {
        let label = |name| there.labels().get(name).cloned().unwrap_or_default();
        let annotation = |name| there.annotations().get(name).cloned();
        Self {
            namespace: there.name_any(),
            environment: label(ENVIRONMENT),
            record: annotation(RECORD),
            project: label(PROJECT),
            front: annotation(FRONT).unwrap_or_default(),
            is_going: there.metadata.deletion_timestamp.is_some(),
        }
    }
}

/// All namespaces that `server` keeps, by name.
pub async fn list(cluster: &Cluster, server: &str) -> Result<Vec<Found>, Refusal> {
    let api = Api::<Namespace>::all(cluster.client());
    let ours = ListParams::default().labels(&format!("{SERVER}={server}"));
    let found = |there: &Namespace| Some(Found::of(there));
    pages::all(cluster.calls(), &api, ours, found, "list namespaces").await
}

impl Found {
    /// The namespace of that name, if `server` keeps it.
    pub async fn read(
        cluster: &Cluster,
        namespace: &str,
        server: &str,
    ) -> Result<Option<Self>, Refusal> {
        let there = read(cluster, namespace).await?;
        let ours = there.filter(|there| there.labels().get(SERVER).is_some_and(|of| of == server));
        Ok(ours.as_ref().map(Self::of))
    }
}

/// What is written on a namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The server's record of the environment.
    pub text: String,
    /// The label of its host name: which branch or pull request it is, for people.
    pub name: String,
    /// How far it is.
    pub phase: String,
}

impl Record {
    /// Columns for people: `kubectl get namespaces -L boatyard.dev/name -L boatyard.dev/phase`.
    pub(super) fn labels(&self) -> [(&'static str, &str); 2] {
        [(NAME, &self.name), (PHASE, &self.phase)]
    }
}

/// Writes the record on a namespace; false: there is none.
pub async fn note(cluster: &Cluster, namespace: &str, record: &Record) -> Result<bool, Refusal> {
    let api = Api::<Namespace>::all(cluster.client());
    let params = PatchParams {
        field_manager: Some(KEEPER.to_owned()),
        ..PatchParams::default()
    };
    let labels = BTreeMap::from(record.labels());
    let metadata = json!({"annotations": {RECORD: record.text}, "labels": labels});
    let patch = Patch::Merge(json!({"metadata": metadata}));
    let doing = format!("write the record on Namespace/{namespace}");
    let asked = cluster.calls().insist(doing, async || {
        match api.patch_metadata(namespace, &params, &patch).await {
            Err(kube::Error::Api(status)) if status.is_not_found() => Ok(false),
            other => other.map(|_| true),
        }
    });
    asked.await
}
