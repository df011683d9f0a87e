//! The records of environments that share a namespace: each on its Deployment.

use boatyard_cluster::Refusal;
use boatyard_cluster::namespace::Found;
use boatyard_cluster::runboat::list;
use boatyard_preview::config::is_of_kubefiles;
use boatyard_preview::environment::Environment;
use boatyard_preview::id::Id;
use boatyard_preview::inventory::Records;

use crate::cluster::realm::Realm;
use crate::cluster::record::read;
use crate::cluster::sweep::is_as_known;
use crate::lane::{Stop, Trouble};

impl Realm {
    /// Whether the record of an environment is on its Deployment.
    pub(in crate::cluster) fn is_on_deployment(&self, one: &Environment) -> bool {
        self.shared().is_some() && is_of_kubefiles(&one.recipe)
    }

    /// Writes the record of an environment on its Deployment, if it has one.
    pub(in crate::cluster) async fn note_there(
        &self,
        one: &Environment,
        stop: &Stop,
    ) -> Result<(), Trouble> {
        let Some(there) = self.installed(one, stop).await? else {
            return Ok(());
        };
        let at = self.at(&one.id, &there);
        let noted = stop
            .unless(async { at.mark(&self.mark(one)).await })
            .await?;
        noted.map(drop).map_err(Trouble::of_build)
    }

    /// What the records on Deployments say that there is, as namespaces would, and how many are to run of each.
    pub(in crate::cluster) async fn installed_all(&self) -> Result<Vec<(Found, i32)>, Refusal> {
        let Some(namespace) = self.shared() else {
            return Ok(Vec::new());
        };
        let cluster = self.terms.cluster.within(namespace);
        let all = list(&cluster, Some(self.server())).await?;
        let found = all.into_iter().filter_map(|there| {
            let id: Id = there.environment.as_ref()?.parse().ok()?;
            let found = Found {
                namespace: self.namespace(&id),
                environment: id.to_string(),
                record: there.record,
                project: there.build,
                front: there.deployment,
                is_going: there.is_going,
            };
            Some((found, there.replicas))
        });
        Ok(found.collect())
    }

    /// Takes away a build that nobody knows; on others the record is written as it is by now.
    pub(in crate::cluster) async fn tidy_installed(
        &self,
        found: &Found,
        known: impl Fn() -> Records,
    ) -> Option<String> {
        let name = &found.project;
        let id: Id = found.environment.parse().ok()?;
        let turn = self.site.turn(&id);
        // Whoever works at it knows better.
        let _turn = turn.try_lock().ok()?;
        // What is known may be another thing since it was found.
        let known = known();
        if is_as_known(found, &known) {
            return None;
        }
        if let Some(one) = known.get(&id) {
            let noted = self.note_there(one, &Stop::new()).await;
            return noted.err().map(|trouble| trouble.to_string());
        }
        let Some(one) = found.record.as_deref().and_then(|text| read(text).ok()) else {
            return Some(format!(
                "the build {name} has no record that can be read, and is left as it is"
            ));
        };
        Some(self.take_away(&one).await)
    }

    /// Takes away what nobody knows. What was done, or could not be.
    pub(in crate::cluster) async fn take_away(&self, one: &Environment) -> String {
        let id = &one.id;
        match Box::pin(self.uninstall(one, &Stop::new())).await {
            Ok(()) => format!("took away what there was of {id}, which nobody knows"),
            Err(trouble) => format!("cannot take away {id}, which nobody knows: {trouble}"),
        }
    }
}
