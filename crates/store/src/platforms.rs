//! Images for several platforms under one name, and annotations.

use std::collections::BTreeMap;

use boatyard_plan::attest::{is_about, is_attestation};
use boatyard_plan::failure::{Failure, Fault};
use boatyard_plan::image::{Descriptor, Index, Manifest, Platform, media};
use serde_json::Value;

use crate::failure::StoreError;
use crate::images::{plain_descriptor, platform_name, to_json};
use crate::store::Store;

/// Images cannot share an index.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The store refused something.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Two images are for the same machines.
    #[error("two of the images are for {platform}; an index has one for each platform")]
    SamePlatform {
        /// System, architecture and variant.
        platform: String,
    },
}

impl Failure for IndexError {
    fn fault(&self) -> Fault {
        match self {
            Self::Store(error) => error.fault(),
            Self::SamePlatform { .. } => Fault::User,
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Store(error) => error.help(),
            Self::SamePlatform { .. } => Some("leave one of them out".to_owned()),
        }
    }
}

impl Store {
    /// Stores an index over `images`, in their order, and gives its descriptor. Of an index among them every image is
    /// taken. Nothing is tagged.
    pub fn put_index(
        &self,
        images: &[Descriptor],
        annotations: BTreeMap<String, String>,
    ) -> Result<Descriptor, IndexError> {
        let mut manifests: Vec<Descriptor> = Vec::new();
        for image in images {
            for entry in self.entries(image)? {
                let platform = entry.platform.as_ref().map(platform_name);
                let mut known = manifests.iter();
                let known = known.find(|m| m.platform == entry.platform && !is_attestation(m));
                match (known, platform) {
                    _ if is_attestation(&entry) => manifests.push(entry),
                    (Some(known), _) if known.digest == entry.digest => {}
                    (Some(_), Some(platform)) => {
                        return Err(IndexError::SamePlatform { platform });
                    }
                    _ => manifests.push(entry),
                }
            }
        }
        let index = to_json(&Index {
            schema_version: 2,
            media_type: Some(media::INDEX.to_owned()),
            manifests,
            annotations,
        });
        let digest = self.put_blob(&index)?;
        Ok(plain_descriptor(media::INDEX, digest, index.len() as u64))
    }

    /// The entries of an index; an image as the only entry of one.
    pub fn entries(&self, image: &Descriptor) -> Result<Vec<Descriptor>, StoreError> {
        if matches!(
            image.media_type.as_str(),
            media::INDEX | media::DOCKER_INDEX
        ) {
            let index: Index = self.read_json(&image.digest, "an image index")?;
            return Ok(index.manifests);
        }
        let manifest: Manifest = self.read_json(&image.digest, "an image manifest")?;
        let config = self.config(&manifest)?;
        let mut entry = image.clone();
        entry.platform = Some(Platform {
            architecture: config.architecture,
            os: config.os,
            variant: None,
        });
        Ok(vec![entry])
    }

    /// The entries of `top` that say something about `image`; none if it is no index.
    pub fn statements(
        &self,
        top: &Descriptor,
        image: &Descriptor,
    ) -> Result<Vec<Descriptor>, StoreError> {
        let mut entries = self.entries(top)?;
        entries.retain(|entry| is_about(entry, &image.digest));
        Ok(entries)
    }

    /// What a name should name so that `image`, which `top` is or has, goes with the `statements` about it: `top` if there
    /// is nothing else in it, else an index of these, which is stored.
    pub fn beside(
        &self,
        top: &Descriptor,
        image: &Descriptor,
        statements: &[Descriptor],
    ) -> Result<Descriptor, StoreError> {
        let is_it = |entry: &Descriptor| entry.digest == image.digest;
        let is_said = |entry: &Descriptor| statements.iter().any(|one| one.digest == entry.digest);
        let entries = self.entries(top)?;
        let whole = statements
            .iter()
            .all(|one| entries.iter().any(|entry| entry.digest == one.digest));
        if whole && entries.iter().all(|entry| is_it(entry) || is_said(entry)) {
            return Ok(top.clone());
        }
        if statements.is_empty() {
            return Ok(image.clone());
        }
        let own = match entries.into_iter().find(is_it) {
            Some(own) => own,
            None => self.entries(image)?.remove(0),
        };
        let manifests = std::iter::once(own).chain(statements.iter().cloned());
        let index = to_json(&Index {
            schema_version: 2,
            media_type: Some(media::INDEX.to_owned()),
            manifests: manifests.collect(),
            annotations: BTreeMap::new(),
        });
        let digest = self.put_blob(&index)?;
        Ok(plain_descriptor(media::INDEX, digest, index.len() as u64))
    }

    /// Stores the manifest or index at `top` with more annotations, which replace those of the same name. Without any, it
    /// stays what it is.
    pub fn annotate(
        &self,
        top: &Descriptor,
        annotations: BTreeMap<String, String>,
    ) -> Result<Descriptor, StoreError> {
        if annotations.is_empty() {
            return Ok(top.clone());
        }
        // As a value: what we know nothing of stays.
        let mut value: Value = self.read_json(&top.digest, "an image manifest")?;
        let known = &mut value["annotations"];
        if !known.is_object() {
            *known = Value::Object(serde_json::Map::new());
        }
        for (name, text) in annotations {
            known[name] = Value::String(text);
        }
        let bytes = to_json(&value);
        let digest = self.put_blob(&bytes)?;
        Ok(Descriptor {
            digest,
            size: bytes.len() as u64,
            ..top.clone()
        })
    }
}
