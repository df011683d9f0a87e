//! `kustomization.yaml`, as far as it is understood.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

use super::super::Error;
use super::label::Labels;

/// The file.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Kustomization {
    #[serde(rename = "apiVersion")]
    _version: Option<String>,
    #[serde(rename = "kind")]
    _kind: Option<String>,
    #[serde(deserialize_with = "empty")]
    pub resources: Vec<String>,
    pub namespace: Option<String>,
    pub name_prefix: String,
    pub name_suffix: String,
    #[serde(deserialize_with = "empty")]
    labels: Vec<LabelSet>,
    #[serde(deserialize_with = "empty")]
    common_labels: BTreeMap<String, String>,
    #[serde(deserialize_with = "empty")]
    pub common_annotations: BTreeMap<String, String>,
    #[serde(deserialize_with = "empty")]
    pub images: Vec<Image>,
    #[serde(deserialize_with = "empty")]
    pub secret_generator: Vec<Generator>,
    #[serde(deserialize_with = "empty")]
    pub config_map_generator: Vec<Generator>,
    generator_options: GeneratorOptions,
    #[serde(deserialize_with = "empty")]
    pub patches: Vec<Patch>,
}

/// Labels, and where they go beside the objects themselves.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct LabelSet {
    pairs: BTreeMap<String, String>,
    include_selectors: bool,
    include_templates: bool,
}

/// An image under another name.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Image {
    pub name: String,
    pub new_name: Option<String>,
    pub new_tag: Option<String>,
    pub digest: Option<String>,
}

/// A `ConfigMap` or a Secret to be made.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Generator {
    pub name: String,
    pub namespace: Option<String>,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    #[serde(deserialize_with = "empty")]
    pub literals: Vec<String>,
    #[serde(deserialize_with = "empty")]
    pub files: Vec<String>,
    #[serde(deserialize_with = "empty")]
    pub envs: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct GeneratorOptions {
    disable_name_suffix_hash: bool,
}

/// Operations on some of the objects.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Patch {
    pub target: Option<Target>,
    #[serde(rename = "patch")]
    pub words: Option<String>,
    pub path: Option<String>,
}

/// On which.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Target {
    pub group: Option<String>,
    pub version: Option<String>,
    pub kind: Option<String>,
    pub name: Option<String>,
}

impl Kustomization {
    /// Fails if it wants something that is not done here.
    pub fn check(&self, path: &str) -> Result<(), Error> {
        let generates = !self.secret_generator.is_empty() || !self.config_map_generator.is_empty();
        if generates && !self.generator_options.disable_name_suffix_hash {
            return Err(Error::Unsupported {
                file: path.to_owned(),
                what: "a mark at the end of generated names (generatorOptions without disableNameSuffixHash: true)".to_owned(),
            });
        }
        Ok(())
    }

    /// All labels, in the order in which they are put on.
    pub fn labels(&self) -> Vec<Labels<'_>> {
        let sets = self.labels.iter().map(|set| Labels {
            pairs: &set.pairs,
            selectors: set.include_selectors,
            templates: set.include_selectors || set.include_templates,
        });
        let common = Labels {
            pairs: &self.common_labels,
            selectors: true,
            templates: true,
        };
        sets.chain([common]).collect()
    }
}

/// What is said, or nothing: a template may leave a key without a value.
fn empty<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
