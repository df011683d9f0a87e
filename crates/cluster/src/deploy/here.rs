//! A deploy is in one namespace.

use crate::connect::Cluster;
use crate::manifest::Manifest;
use crate::refusal::{Refusal, Said};

/// What a deploy locks, waits for, records and removes is in one namespace: a manifest that names another is refused.
pub fn all_here(cluster: &Cluster, manifests: &[Manifest]) -> Result<(), Refusal> {
    for manifest in manifests {
        let wanted = cluster.namespace();
        if let Some(said) = manifest.namespace().filter(|said| *said != wanted) {
            return Err(Refusal {
                doing: format!("deploy {}", manifest.id()),
                source: Said::Elsewhere {
                    said: said.to_owned(),
                    wanted: wanted.to_owned(),
                },
            });
        }
    }
    Ok(())
}
