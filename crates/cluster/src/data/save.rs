//! Volumes to files.

use std::collections::BTreeMap;
use std::path::Path;
use std::pin::pin;

use boatyard_plan::backing::RELEASES;
use futures_util::future::{Either, select};

use super::carrier::carriers;
use super::error::Error;
use super::pod::{Running, close, open};
use super::restore::{deployed, settle};
use super::script::{READ, SHOW};
use super::volume::{Volume, file};
use crate::connect::Cluster;
use crate::deploy::Stop;
use crate::owner::Owner;

/// Writes all that is in the volumes of what is deployed into `folder`, at most `room` bytes. Nothing of it may run.
pub async fn save(
    cluster: &Cluster,
    owner: &Owner,
    folder: &Path,
    room: u64,
    stop: &Stop,
) -> Result<Vec<Volume>, Error> {
    settle(cluster, owner, stop).await?;
    let carriers = carriers(owner, &deployed(cluster, owner).await?);
    if carriers.is_empty() {
        return Ok(Vec::new());
    }
    let running = open(cluster, &carriers, stop).await?;
    let saved = {
        let saved = pin!(volumes(cluster, &running, folder, room));
        match select(saved, pin!(stop.asked())).await {
            Either::Left((saved, _)) => saved,
            Either::Right(_) => Err(Error::Stopped),
        }
    };
    close(cluster, saved).await
}

async fn volumes(
    cluster: &Cluster,
    running: &[Running<'_>],
    folder: &Path,
    room: u64,
) -> Result<Vec<Volume>, Error> {
    let (mut all, mut rest) = (Vec::new(), room);
    for one in running {
        let volume = volume(cluster, one, folder, rest).await;
        let volume = volume.map_err(|error| match error {
            // How much there was room for in all is what people know.
            Error::NoRoom { .. } => Error::NoRoom { room },
            error => error,
        })?;
        rest = rest.saturating_sub(volume.size_bytes);
        all.push(volume);
    }
    Ok(all)
}

async fn volume(
    cluster: &Cluster,
    running: &Running<'_>,
    folder: &Path,
    room: u64,
) -> Result<Volume, Error> {
    let claim = running.carrier.claim.clone();
    let path = folder.join(file(&claim));
    let carried = running.take(cluster, READ, &path, room).await?;
    Ok(Volume {
        claim,
        size_bytes: carried.size_bytes,
        sha256: carried.sha256,
        releases: releases(cluster, running).await?,
    })
}

/// Which releases of servers have written what is in a volume. What is there may be anything: what is no number is none.
pub(super) async fn releases(
    cluster: &Cluster,
    running: &Running<'_>,
) -> Result<BTreeMap<String, String>, Error> {
    let mut all = BTreeMap::new();
    for (file, server) in RELEASES {
        let text = running.run(cluster, SHOW, &[file]).await?;
        let text = text.trim();
        let is_number = |byte: u8| byte.is_ascii_digit() || byte == b'.';
        if !text.is_empty() && text.bytes().all(is_number) {
            all.insert((*server).to_owned(), text.to_owned());
        }
    }
    Ok(all)
}
