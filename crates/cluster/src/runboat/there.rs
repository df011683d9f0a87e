//! What is written on the Deployment of a build.

use kube::api::ListParams;
use kube::{Resource as _, ResourceExt as _};

use crate::connect::Cluster;
use crate::kubefiles::{BUILD, Commit, INIT_STATUS};
use crate::namespace::{ENVIRONMENT, RECORD, SERVER};
use crate::owner::{FIELD_MANAGER, MANAGED_BY};
use crate::pages;
use crate::refusal::Refusal;
use crate::watch::Outline;

/// How far setting a build up is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Init {
    /// It waits for its turn.
    Todo,
    /// Its job runs.
    Started,
    /// It is set up.
    Succeeded,
    /// Its job has failed.
    Failed,
}

impl Init {
    const ALL: [(&'static str, Self); 4] = [
        ("todo", Self::Todo),
        ("started", Self::Started),
        ("succeeded", Self::Succeeded),
        ("failed", Self::Failed),
    ];

    /// As it stands in the annotation.
    pub fn name(self) -> &'static str {
        let mut all = Self::ALL.into_iter();
        all.find(|(_, one)| *one == self)
            .map_or("", |(name, _)| name)
    }

    fn named(name: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|(known, _)| *known == name).map(|(_, one)| one)
    }
}

/// A build that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct There {
    /// Its name.
    pub build: String,
    /// The name of its Deployment.
    pub deployment: String,
    /// What it is of.
    pub commit: Commit,
    /// How far setting it up is; none: it does not say, or not in a word that is known.
    pub init: Option<Init>,
    /// How many are to run.
    pub replicas: i32,
    /// How many do, and are ready.
    pub available: i32,
    /// Whether it is being removed.
    pub is_going: bool,
    /// When it was made, in milliseconds since 1970.
    pub created: u64,
    /// Whether runboat has made it, and none of us has placed anything since.
    pub is_runboats: bool,
    /// The server that keeps it; none: nobody of us does.
    pub server: Option<String>,
    /// Which environment it is there.
    pub environment: Option<String>,
    /// That server's record of it.
    pub record: Option<String>,
}

impl There {
    /// What is written on it, if it is one of a build.
    pub(super) fn of(one: &Outline) -> Option<Self> {
        let annotation = |name| one.annotations().get(name).cloned();
        let of = |name| annotation(name).unwrap_or_default();
        let created = one.creation_timestamp();
        let created = created.map(|time| time.0.as_millisecond());
        Some(Self {
            build: one.labels().get(BUILD)?.clone(),
            deployment: one.name_any(),
            commit: Commit {
                repo: of("runboat/repo"),
                target_branch: of("runboat/target-branch"),
                pr: of("runboat/pr").parse().ok(),
                git_commit: of("runboat/git-commit"),
            },
            init: Init::named(&of(INIT_STATUS)),
            replicas: one.replicas,
            available: one.available,
            is_going: one.meta().deletion_timestamp.is_some(),
            created: created
                .and_then(|millis| u64::try_from(millis).ok())
                .unwrap_or(0),
            is_runboats: one
                .labels()
                .get(MANAGED_BY)
                .is_none_or(|by| by != FIELD_MANAGER),
            server: one.labels().get(SERVER).cloned(),
            environment: one.labels().get(ENVIRONMENT).cloned(),
            record: annotation(RECORD),
        })
    }
}

/// The builds in the cluster's namespace: those of `server`, or all whoever keeps them.
pub async fn list(cluster: &Cluster, server: Option<&str>) -> Result<Vec<There>, Refusal> {
    let ours = server.map(|server| format!(",{SERVER}={server}"));
    some(cluster, &format!("{BUILD}{}", ours.unwrap_or_default())).await
}

/// The builds that `selector` chooses.
pub(super) async fn some(cluster: &Cluster, selector: &str) -> Result<Vec<There>, Refusal> {
    let api = cluster.api::<Outline>();
    let doing = "list deployments of builds";
    let chosen = ListParams::default().labels(selector);
    pages::all(cluster.calls(), &api, chosen, There::of, doing).await
}
