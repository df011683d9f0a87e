//! Files to volumes.

use std::collections::BTreeMap;
use std::path::Path;
use std::pin::pin;
use std::time::Duration;

use boatyard_plan::backing::RELEASES;
use futures_util::future::{Either, select};

use super::carrier::carriers;
use super::error::Error;
use super::mark::{is_unsettled, mark};
use super::pod::{Running, close, open};
use super::save::releases;
use super::script::{DROP, SWAP, WRITE};
use super::volume::{Kept, Volume};
use crate::connect::Cluster;
use crate::deploy::Stop;
use crate::manifest::Manifest;
use crate::owner::Owner;
use crate::record;

/// How long cleaning up may take after something has gone wrong.
const CLEANING: Duration = Duration::from_secs(20);

/// Has the volumes of what is deployed have what is kept, and nothing else. Nothing of it may run. If it fails, they have what they
/// had, but for [`Error::HalfWay`].
pub async fn restore(
    cluster: &Cluster,
    owner: &Owner,
    kept: &Kept,
    stop: &Stop,
) -> Result<(), Error> {
    let deployed = deployed(cluster, owner).await?;
    put(cluster, owner, &deployed, kept, stop).await
}

/// The same of what is being deployed.
pub(crate) async fn put(
    cluster: &Cluster,
    owner: &Owner,
    manifests: &[Manifest],
    kept: &Kept,
    stop: &Stop,
) -> Result<(), Error> {
    let carriers = carriers(owner, manifests);
    if carriers.is_empty() {
        return Ok(());
    }
    let is_unsettled = is_unsettled(cluster).await?;
    let running = open(cluster, &carriers, stop).await?;
    let replaced = async {
        if is_unsettled {
            exchange(cluster, &running).await?;
        }
        replace(cluster, &running, kept, stop).await
    };
    let replaced = replaced.await;
    close(cluster, replaced).await
}

/// Has volumes have what is kept, in all of them or in none.
async fn replace(
    cluster: &Cluster,
    running: &[Running<'_>],
    kept: &Kept,
    stop: &Stop,
) -> Result<(), Error> {
    let staged = {
        let staged = pin!(stage(cluster, running, kept));
        match select(staged, pin!(stop.asked())).await {
            Either::Left((staged, _)) => staged,
            Either::Right(_) => Err(Error::Stopped),
        }
    };
    if let Err(error) = staged {
        // What stays there is removed by whoever comes next.
        let _ = tokio::time::timeout(CLEANING, drop_all(cluster, running)).await;
        return Err(error);
    }
    // From here on it is finished, by us or by whoever comes next.
    for one in running {
        mark(cluster, &one.carrier.claim, true).await?;
    }
    exchange(cluster, running).await
}

/// Finishes what was not finished: what was put beside the data of what is deployed takes its place.
pub async fn settle(cluster: &Cluster, owner: &Owner, stop: &Stop) -> Result<(), Error> {
    if !is_unsettled(cluster).await? {
        return Ok(());
    }
    let carriers = carriers(owner, &deployed(cluster, owner).await?);
    let running = open(cluster, &carriers, stop).await?;
    let exchanged = exchange(cluster, &running).await;
    close(cluster, exchanged).await
}

/// What was deployed last.
pub(super) async fn deployed(cluster: &Cluster, owner: &Owner) -> Result<Vec<Manifest>, Error> {
    cluster.reach().await?;
    let deployed = record::read(cluster, owner).await?;
    deployed.ok_or_else(|| Error::NotDeployed {
        project: owner.project().to_owned(),
        namespace: cluster.namespace().to_owned(),
    })
}

/// Puts all that is kept beside what is there.
async fn stage(cluster: &Cluster, running: &[Running<'_>], kept: &Kept) -> Result<(), Error> {
    for one in running {
        let volume = find(kept, &one.carrier.claim);
        if let Some(volume) = volume {
            check(volume, &releases(cluster, one).await?)?;
        }
    }
    for one in running {
        let (path, size_bytes) = match find(kept, &one.carrier.claim) {
            Some(volume) => (kept.folder.join(volume.file()), volume.size_bytes),
            // Nothing was saved of it: it has nothing.
            None => (Path::new("/dev/null").to_owned(), 0),
        };
        let carried = one.give(cluster, WRITE, &path, size_bytes).await?;
        let Some(volume) = find(kept, &one.carrier.claim) else {
            continue;
        };
        let wanted = (volume.size_bytes, &volume.sha256);
        if carried.is_none_or(|one| (one.size_bytes, &one.sha256) != wanted) {
            let claim = volume.claim.clone();
            return Err(Error::Damaged { claim });
        }
    }
    Ok(())
}

fn find<'a>(kept: &'a Kept, claim: &str) -> Option<&'a Volume> {
    kept.volumes.iter().find(|volume| volume.claim == claim)
}

/// Whether a server that has data in both has it of the same release.
fn check(volume: &Volume, here: &BTreeMap<String, String>) -> Result<(), Error> {
    for (_, server) in RELEASES {
        if let (Some(saved), Some(here)) = (volume.releases.get(*server), here.get(*server))
            && saved != here
        {
            return Err(Error::OtherRelease {
                claim: volume.claim.clone(),
                server,
                saved: saved.clone(),
                here: here.clone(),
            });
        }
    }
    Ok(())
}

async fn drop_all(cluster: &Cluster, running: &[Running<'_>]) {
    for one in running {
        let _ = one.run(cluster, DROP, &[]).await;
    }
}

/// Has what was put beside take the place of what is there, in all; then none is marked.
async fn exchange(cluster: &Cluster, running: &[Running<'_>]) -> Result<(), Error> {
    let exchanged = async {
        for one in running {
            one.run(cluster, SWAP, &[]).await?;
        }
        for one in running {
            mark(cluster, &one.carrier.claim, false).await?;
        }
        Ok(())
    };
    exchanged.await.map_err(|error| Error::HalfWay {
        source: Box::new(error),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Volume, check};

    #[test]
    fn data_of_another_release_is_refused() {
        let of = |release: &str| BTreeMap::from([("PostgreSQL".to_owned(), release.to_owned())]);
        let volume = |releases| Volume {
            claim: "data-shop-postgres".to_owned(),
            size_bytes: 1,
            sha256: String::new(),
            releases,
        };
        assert!(check(&volume(of("15")), &of("15")).is_ok());
        // Nobody has written anything yet, or it is of no server.
        assert!(check(&volume(of("15")), &BTreeMap::new()).is_ok());
        assert!(check(&volume(BTreeMap::new()), &of("17")).is_ok());
        let error = check(&volume(of("15")), &of("17")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "what was saved of data-shop-postgres is data of PostgreSQL 15, and here is data of PostgreSQL 17"
        );
    }
}
