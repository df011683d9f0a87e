//! Volumes of the node: folders here.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Pod};
use kube::ResourceExt as _;

/// What is mounted in the container of a pod: where, and the folder here.
type Mounts = Vec<(String, PathBuf)>;

/// Folders by what is bound to them, and what pods have of them.
#[derive(Clone, Debug)]
pub struct Volumes {
    folder: PathBuf,
    claims: Arc<Mutex<BTreeMap<(String, String), PathBuf>>>,
    pods: Arc<Mutex<BTreeMap<(String, String), Mounts>>>,
}

impl Volumes {
    /// Those in `folder`; there are none yet.
    pub fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            claims: Arc::default(),
            pods: Arc::default(),
        }
    }

    /// The folder of a claim, whether it is there or not: another claim of that name has another one.
    pub fn folder(&self, claim: &PersistentVolumeClaim) -> PathBuf {
        self.folder.join(claim.uid().unwrap_or_default())
    }

    /// Makes the folder of a claim.
    pub fn make(&self, claim: &PersistentVolumeClaim) -> std::io::Result<PathBuf> {
        let folder = self.folder(claim);
        fs::create_dir_all(&folder)?;
        let key = (claim.namespace().unwrap_or_default(), claim.name_any());
        let mut claims = self.claims.lock().unwrap_or_else(PoisonError::into_inner);
        claims.insert(key, folder.clone());
        Ok(folder)
    }

    /// Removes the folder of a claim.
    pub fn remove(&self, claim: &PersistentVolumeClaim) -> std::io::Result<()> {
        let folder = self.folder(claim);
        let key = (claim.namespace().unwrap_or_default(), claim.name_any());
        let mut claims = self.claims.lock().unwrap_or_else(PoisonError::into_inner);
        if claims.get(&key) == Some(&folder) {
            claims.remove(&key);
        }
        fs::remove_dir_all(folder)
    }

    /// A pod has begun: what claims it has are where its containers mount them.
    pub fn mount(&self, namespace: &str, pod: &Pod) {
        let Some(spec) = &pod.spec else { return };
        let claims = self.claims.lock().unwrap_or_else(PoisonError::into_inner);
        let volumes = spec.volumes.iter().flatten();
        let folders: BTreeMap<&str, &PathBuf> = volumes
            .filter_map(|volume| {
                let claim = &volume.persistent_volume_claim.as_ref()?.claim_name;
                let folder = claims.get(&(namespace.to_owned(), claim.clone()))?;
                Some((volume.name.as_str(), folder))
            })
            .collect();
        let containers = spec.containers.iter();
        let mounts = containers.flat_map(|one| one.volume_mounts.iter().flatten());
        let mounts: Mounts = mounts
            .filter_map(|mount| {
                let folder = folders.get(mount.name.as_str())?;
                Some((mount.mount_path.clone(), (*folder).clone()))
            })
            .collect();
        if !mounts.is_empty() {
            let mut pods = self.pods.lock().unwrap_or_else(PoisonError::into_inner);
            pods.insert((namespace.to_owned(), pod.name_any()), mounts);
        }
    }

    /// The pod is gone.
    pub fn unmount(&self, namespace: &str, pod: &str) {
        let mut pods = self.pods.lock().unwrap_or_else(PoisonError::into_inner);
        pods.remove(&(namespace.to_owned(), pod.to_owned()));
    }

    /// What a pod has; none: it has none, or does not run.
    pub fn mounts(&self, namespace: &str, pod: &str) -> Option<Mounts> {
        let pods = self.pods.lock().unwrap_or_else(PoisonError::into_inner);
        pods.get(&(namespace.to_owned(), pod.to_owned())).cloned()
    }
}
