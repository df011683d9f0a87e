//! A manifest in the place where it belongs, and what is there already.

use kube::ResourceExt as _;
use kube::api::{Api, DeleteParams, DynamicObject, Patch, PatchParams, PostParams, Preconditions};
use serde_json::Value;

use super::manner::{Applied, Force, Manner};
use super::object::{absent, essence};
use crate::connect::Cluster;
use crate::manifest::{Id, Manifest};
use crate::owner::{self, FIELD_MANAGER, Owner};
use crate::refusal::{Refusal, Said};
use crate::retry::Calls;
use crate::secret;

/// Who we are in `managedFields` where we put back what somebody else had written: it is not ours.
const UNDOER: &str = "boatyard-undo";

/// A manifest that is about to be applied, or was.
#[derive(Clone)]
pub struct Placing {
    api: Api<DynamicObject>,
    calls: Calls,
    id: Id,
    manifest: Manifest,
    manner: Manner,
    project: String,
    before: Option<Value>,
}

/// Applies `manifest` as `owner`'s. Unknown and repeated fields are errors: a cluster that drops them silently runs
/// something else than was asked for.
pub async fn apply(
    cluster: &Cluster,
    owner: &Owner,
    manifest: &Manifest,
    manner: Manner,
) -> Result<Applied, Refusal> {
    let placing = Placing::new(cluster, owner, manifest, manner).await?;
    placing.apply().await
}

impl Placing {
    /// Looks what is there. An object of another project is refused, except by [`Force::Objects`].
    pub async fn new(
        cluster: &Cluster,
        owner: &Owner,
        manifest: &Manifest,
        manner: Manner,
    ) -> Result<Self, Refusal> {
        let manifest = manifest.clone().labelled(&owner.labels());
        let mut placing = Self {
            api: cluster.api_of(&manifest).await?,
            calls: cluster.calls().clone(),
            id: manifest.id(),
            manifest,
            manner,
            project: owner.project().to_owned(),
            before: None,
        };
        let there = placing.there().await?;
        let theirs = there
            .as_ref()
            .and_then(project)
            .filter(|project| *project != placing.project && manner.force < Force::Objects);
        if theirs.is_some() {
            return Err(placing.foreign(theirs));
        }
        placing.before = there.map(essence);
        Ok(placing)
    }

    /// Which object it is.
    pub fn id(&self) -> &Id {
        &self.id
    }

    /// The same, but it is not only asked what would be.
    #[must_use]
    pub fn in_earnest(mut self) -> Self {
        self.manner.dry_run = false;
        self
    }

    /// What was there, without what servers keep for themselves.
    pub fn before(&self) -> Option<&Value> {
        self.before.as_ref()
    }

    /// Applies it.
    pub async fn apply(&self) -> Result<Applied, Refusal> {
        let mut params = PatchParams::apply(FIELD_MANAGER).validation_strict();
        params.dry_run = self.manner.dry_run;
        params.force = self.manner.force >= Force::Fields;
        let applied = self.calls.call(format!("apply {}", self.id), async || {
            let patch = Patch::Apply(self.manifest.value());
            self.api.patch(&self.id.name, &params, &patch).await
        });
        let after = applied.await.map_err(|refusal| self.masked(refusal))?;
        Ok(Applied {
            id: self.id.clone(),
            before: self.before.clone(),
            after: essence(after),
        })
    }

    /// Whether what is there may be removed: it is the owner's, or taken over.
    pub fn removable(&self) -> Result<(), Refusal> {
        let path = ["metadata", "labels", owner::PROJECT];
        let Some(before) = &self.before else {
            return Ok(());
        };
        let theirs = path.iter().try_fold(before, |value, key| value.get(key));
        let theirs = theirs.and_then(Value::as_str).map(str::to_owned);
        if self.manner.force == Force::Objects || theirs.as_ref() == Some(&self.project) {
            return Ok(());
        }
        Err(self.foreign(theirs))
    }

    /// Removes it, whosever it is; one that is not there is as it should be.
    pub async fn remove(&self, params: &DeleteParams) -> Result<(), Refusal> {
        let asked = self.calls.call(format!("remove {}", self.id), async || {
            absent(self.api.delete(&self.id.name, params).await)
        });
        asked.await
    }

    /// Removes it if it is the owner's; false: it is not, or not there.
    pub async fn withdraw(&self) -> Result<bool, Refusal> {
        let Some(there) = self.there().await? else {
            return Ok(false);
        };
        if project(&there).as_ref() != Some(&self.project) {
            return Ok(false);
        }
        let mut params = DeleteParams::background();
        params.dry_run = self.manner.dry_run;
        // Not another one that came in its place meanwhile.
        params.preconditions = Some(Preconditions {
            uid: there.uid(),
            resource_version: None,
        });
        self.remove(&params).await?;
        Ok(true)
    }

    /// Puts back what was there before; nothing is done where that is so.
    pub async fn restore(&self) -> Result<(), Refusal> {
        let Some(before) = &self.before else {
            return Ok(());
        };
        let restored = self.calls.call(format!("restore {}", self.id), async || {
            loop {
                match self.restore_once(before).await {
                    // Changed since it was read.
                    Err(kube::Error::Api(status)) if status.code == 409 => {}
                    other => return other,
                }
            }
        });
        restored.await.map_err(|refusal| self.masked(refusal))
    }

    async fn restore_once(&self, before: &Value) -> kube::Result<()> {
        let mut wanted: DynamicObject =
            serde_json::from_value(before.clone()).map_err(kube::Error::SerdeError)?;
        let params = PostParams {
            field_manager: Some(UNDOER.to_owned()),
            ..PostParams::default()
        };
        let Some(there) = self.api.get_opt(&self.id.name).await? else {
            return self.api.create(&params, &wanted).await.map(drop);
        };
        wanted.metadata.resource_version = there.resource_version();
        if essence(there) == *before {
            return Ok(());
        }
        let replaced = self.api.replace(&self.id.name, &params, &wanted).await;
        replaced.map(drop)
    }

    async fn there(&self) -> Result<Option<DynamicObject>, Refusal> {
        let doing = format!("read {}", self.id);
        let asked = async || self.api.get_opt(&self.id.name).await;
        self.calls.call(doing, asked).await
    }

    fn foreign(&self, project: Option<String>) -> Refusal {
        Refusal {
            doing: format!("take over {}", self.id),
            source: Said::Foreign { project },
        }
    }

    /// The server quotes what it does not like.
    fn masked(&self, refusal: Refusal) -> Refusal {
        let ours = [Some(self.manifest.value()), self.before.as_ref()];
        let values = ours.into_iter().flatten().flat_map(secret::values);
        refusal.masked(&values.collect::<Vec<_>>())
    }
}

fn project(object: &DynamicObject) -> Option<String> {
    object.labels().get(owner::PROJECT).cloned()
}
