//! From files to manifests.

use std::collections::BTreeMap;

use super::{Build, Error, kustomize, template};
use crate::manifest::Manifest;

/// Texts of files by their paths in the folder, with `/` between parts.
pub type Files = BTreeMap<String, String>;

/// The manifests that the folder gives for `build`.
pub fn manifests(files: &Files, build: &Build) -> Result<Vec<Manifest>, Error> {
    let files = template::rendered(files, build)?;
    kustomize::built(&files)?
        .into_iter()
        .map(|found| {
            Manifest::of(found.value).map_err(|field| Error::Incomplete {
                file: "kustomization.yaml".to_owned(),
                field,
            })
        })
        .collect()
}
