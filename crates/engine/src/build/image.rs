//! Turns the end of a stage into an image in the store.

use std::collections::{BTreeMap, BTreeSet};

use boatyard_plan::attest::Taken;
use boatyard_plan::build::ImagePlan;
use boatyard_plan::digest::Digest;
use boatyard_plan::image::{Descriptor, History, ImageConfig, Manifest, RootFs, RunConfig, media};
use boatyard_plan::lock;
use boatyard_plan::variant::{CREATED, Variant};
use boatyard_store::{Store, StoreError};

use super::builder::Builder;
use crate::attest;
use crate::snapshot::Tree;

/// An image that a build made or found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Built {
    /// The service it is for.
    pub service: String,
    /// Its references.
    pub references: Vec<String>,
    /// Which form of it, if forms were asked for.
    pub variant: Option<Variant>,
    /// Its manifest, or the index that holds it and what goes with it.
    pub manifest: Descriptor,
    /// Its configuration.
    pub config: Descriptor,
    /// What it started from.
    pub bases: BTreeSet<lock::Base>,
    /// Sum of its compressed layers, bytes.
    pub size_bytes: u64,
    /// Whether every step had been done before.
    pub cached: bool,
}

/// The end of a stage.
#[derive(Clone, Debug)]
pub(super) struct Stage {
    /// Its file system.
    pub(super) tree: Tree,
    /// How the base says that it is run.
    pub(super) base: RunConfig,
    /// One line per layer: what made it.
    pub(super) history: Vec<String>,
    /// Whether every step had been done before.
    pub(super) cached: bool,
    /// What it was made from.
    pub(super) taken: Taken,
}

/// Writes configuration and manifest, and tags them.
pub(super) fn keep(
    builder: &Builder<'_>,
    plan: &ImagePlan,
    stage: &Stage,
) -> Result<Built, StoreError> {
    let store = builder.store;
    let created = rfc3339(stage.tree.epoch);
    let config = ImageConfig {
        created: Some(created.clone()),
        author: None,
        architecture: architecture().to_owned(),
        os: "linux".to_owned(),
        config: dated(merged(&stage.base, &plan.config), &created),
        rootfs: RootFs {
            kind: "layers".to_owned(),
            diff_ids: stage
                .tree
                .layers
                .iter()
                .map(|layer| layer.diff_id.clone())
                .collect(),
        },
        history: stage
            .history
            .iter()
            .map(|line| History {
                created: Some(created.clone()),
                created_by: Some(line.clone()),
                ..History::default()
            })
            .collect(),
    };
    let config = put(store, &config, media::CONFIG)?;
    let manifest = Manifest {
        schema_version: 2,
        media_type: Some(media::MANIFEST.to_owned()),
        config: config.clone(),
        layers: stage
            .tree
            .layers
            .iter()
            .map(|layer| layer.blob.clone())
            .collect(),
        annotations: BTreeMap::new(),
    };
    let size_bytes = manifest.layers.iter().map(|layer| layer.size).sum();
    let manifest = put(store, &manifest, media::MANIFEST)?;
    let (names, extras) = (&plan.references, &builder.options.extras);
    let manifest = attest::finish(store, &manifest, names, &stage.taken, extras, &builder.sink)?;
    for reference in &plan.references {
        if store.resolve(reference)?.as_ref().map(|old| &old.digest) != Some(&manifest.digest) {
            store.tag(reference, &manifest)?;
        }
    }
    Ok(Built {
        service: plan.service.clone(),
        references: plan.references.iter().map(ToString::to_string).collect(),
        variant: plan.variant,
        manifest,
        config,
        bases: stage.taken.bases.clone(),
        size_bytes,
        cached: stage.cached,
    })
}

/// The configuration with the image's date in the label for it, if that is there and empty.
pub(crate) fn dated(mut config: RunConfig, created: &str) -> RunConfig {
    if let Some(date) = config.labels.get_mut(CREATED)
        && date.is_empty()
    {
        created.clone_into(date);
    }
    config
}

fn put<T: serde::Serialize>(
    store: &Store,
    value: &T,
    media_type: &str,
) -> Result<Descriptor, StoreError> {
    let bytes = serde_json::to_vec(value).expect("plain data with string keys");
    let digest = Digest::of(&bytes);
    if !store.has_blob(&digest) {
        store.put_blob(&bytes)?;
    }
    Ok(Descriptor {
        media_type: media_type.to_owned(),
        digest,
        size: bytes.len() as u64,
        annotations: BTreeMap::new(),
        platform: None,
    })
}

/// The base's configuration with the plan's on top: variables by name, the rest where the plan says something.
fn merged(base: &RunConfig, plan: &RunConfig) -> RunConfig {
    let name = |pair: &str| pair.split('=').next().unwrap_or_default().to_owned();
    let ours: Vec<String> = plan.env.iter().map(|pair| name(pair)).collect();
    let mut env: Vec<String> = base
        .env
        .iter()
        .filter(|pair| !ours.contains(&name(pair)))
        .cloned()
        .collect();
    env.extend(plan.env.iter().cloned());
    RunConfig {
        env,
        labels: base
            .labels
            .clone()
            .into_iter()
            .chain(plan.labels.clone())
            .collect(),
        volumes: base
            .volumes
            .clone()
            .into_iter()
            .chain(plan.volumes.clone())
            .collect(),
        ..plan.clone()
    }
}

/// Go's name of this machine's architecture, as OCI wants it.
pub(crate) fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

/// Seconds since 1970 as RFC 3339 in UTC. Civil date from days: Howard Hinnant, "chrono-Compatible Low-Level Date
/// Algorithms", `civil_from_days`.
pub(crate) fn rfc3339(epoch: i64) -> String {
    let (days, seconds) = (epoch.div_euclid(86_400), epoch.rem_euclid(86_400));
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_index + 2) / 5 + 1;
    let month = if month_index < 10 {
        month_index + 3
    } else {
        month_index - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Seconds since 1970 of an RFC 3339 text in UTC, as other builders write `created`; fractions are dropped.
pub(crate) fn seconds(text: &str) -> Option<i64> {
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<i64>().ok();
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
    // `days_from_civil` of the same paper.
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let year_of_era = shifted.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100
        + day_of_year
        - 719_468;
    Some(days * 86_400 + hour * 3600 + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments() {
        for (epoch, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_827_696, "2000-02-29T12:34:56Z"),
            (1_767_225_599, "2025-12-31T23:59:59Z"),
            (-1, "1969-12-31T23:59:59Z"),
        ] {
            assert_eq!(rfc3339(epoch), text);
            assert_eq!(seconds(text), Some(epoch));
        }
    }

    #[test]
    fn the_plan_wins_over_the_base() {
        let base = RunConfig {
            env: vec!["A=1".into(), "B=2".into()],
            user: "root".into(),
            ..RunConfig::default()
        };
        let plan = RunConfig {
            env: vec!["A=3".into()],
            user: "1".into(),
            ..RunConfig::default()
        };
        let merged = merged(&base, &plan);
        assert_eq!(merged.env, ["B=2", "A=3"]);
        assert_eq!(merged.user, "1");
    }
}
