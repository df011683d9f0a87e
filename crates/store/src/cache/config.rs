//! The configuration of a cache's manifest: what it holds.

use std::collections::BTreeMap;

use boatyard_plan::image::Descriptor;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::failure::CacheError;
use crate::layer::Layer;

/// Raised when older programs must not read it.
pub(super) const SCHEMA: u64 = 1;

/// Media type of the configuration.
pub(super) const MEDIA_TYPE: &str = "application/vnd.boatyard.cache.config.v1+json";

/// What the index of a folder calls the manifest.
pub(super) const NAME: &str = "boatyard-cache";

/// What a cache holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Config {
    pub(super) schema: u64,
    /// Records by the key of their action.
    pub(super) actions: BTreeMap<String, Recorded>,
    /// Cache mounts by the name of their folder.
    #[serde(default)]
    pub(super) mounts: BTreeMap<String, Mount>,
}

/// A record of an action.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Recorded {
    /// When a build that wrote the cache used it last, seconds since 1970.
    pub(super) used: u64,
    /// The record, as the store has it.
    pub(super) record: Value,
}

/// The content of a cache mount.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Mount {
    /// When a build that wrote the cache used it last, seconds since 1970.
    pub(super) used: u64,
    pub(super) layer: Layer,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            schema: SCHEMA,
            actions: BTreeMap::new(),
            mounts: BTreeMap::new(),
        }
    }
}

impl Config {
    /// Reads a configuration; `place` is for messages. The schema is looked at before anything else.
    pub(super) fn parse(bytes: &[u8], place: &str) -> Result<Self, CacheError> {
        let wrong = |problem| CacheError::Damaged {
            place: place.to_owned(),
            problem,
        };
        let value: Value =
            serde_json::from_slice(bytes).map_err(|_| wrong("its configuration is not JSON"))?;
        let found = value.get("schema").and_then(Value::as_u64);
        let found = found.ok_or_else(|| wrong("its configuration has no schema"))?;
        if found > SCHEMA {
            return Err(CacheError::Newer {
                place: place.to_owned(),
                found,
                known: SCHEMA,
            });
        }
        serde_json::from_value(value).map_err(|_| wrong("its configuration makes no sense"))
    }

    /// Every blob that it names, once, by digest.
    pub(super) fn blobs(&self) -> Vec<Descriptor> {
        let records = self.actions.values();
        let mut found: Vec<Descriptor> = records
            .flat_map(|recorded| blobs_in(&recorded.record))
            .chain(self.mounts.values().map(|mount| mount.layer.blob.clone()))
            .collect();
        found.sort_by(|a, b| a.digest.cmp(&b.digest));
        found.dedup_by(|a, b| a.digest == b.digest);
        found
    }
}

/// Every descriptor of a blob in a record, wherever it stands: no kind of record can be forgotten here.
pub(super) fn blobs_in(record: &Value) -> Vec<Descriptor> {
    let mut found = Vec::new();
    let mut todo = vec![record];
    while let Some(value) = todo.pop() {
        match value {
            Value::Object(fields) if fields.contains_key("digest") => {
                found.extend(Descriptor::deserialize(value).ok());
            }
            Value::Object(fields) => todo.extend(fields.values()),
            Value::Array(items) => todo.extend(items),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_schema_is_told_apart_from_garbage() {
        for (text, expected) in [
            (
                r#"{"schema":2,"else":[]}"#,
                "the cache at here has schema 2, this boatyard knows 1",
            ),
            (
                r#"{"schema":1,"actions":[]}"#,
                "the cache at here is damaged: its configuration makes no sense",
            ),
            (
                "{}",
                "the cache at here is damaged: its configuration has no schema",
            ),
            (
                "x",
                "the cache at here is damaged: its configuration is not JSON",
            ),
        ] {
            let error = Config::parse(text.as_bytes(), "here").unwrap_err();
            assert_eq!(error.to_string(), expected);
        }
    }

    #[test]
    fn blobs_are_found_wherever_they_stand() {
        let blob = serde_json::json!({
            "mediaType": "m", "size": 3,
            "digest": format!("sha256:{}", "a".repeat(64)),
        });
        for record in [
            serde_json::json!({"layer": {"diff_id": "x", "blob": blob}, "epoch": 1}),
            serde_json::json!([[blob], null]),
        ] {
            assert_eq!(blobs_in(&record).len(), 1, "{record}");
        }
        assert_eq!(blobs_in(&serde_json::json!({"layer": null})), []);
    }
}
