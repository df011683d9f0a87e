//! Images by name: `index.json` maps references to manifests, as OCI's image layout says.
//!
//! ```text
//! {"schemaVersion":2,"manifests":[
//!   {"mediaType":"...manifest.v1+json","digest":"sha256:...","size":414,
//!    "annotations":{"org.opencontainers.image.ref.name":"guestbook/app:latest"}}]}
//! ```
//! The file is replaced whole by a rename, under the lock `index.lock`.

use std::fs::{self, File};

use boatyard_plan::digest::Digest;
use boatyard_plan::image::{Descriptor, ImageConfig, Index, Manifest, Platform, media};
use boatyard_plan::reference::Reference;
use serde::de::DeserializeOwned;

use crate::disk::During as _;
use crate::failure::StoreError;
use crate::layer::Layer;
use crate::store::Store;

/// The annotation that names an image in an image layout.
pub const REF_NAME: &str = "org.opencontainers.image.ref.name";

impl Store {
    /// Lets `reference` name the image at `descriptor`, whatever it named before.
    pub fn tag(&self, reference: &Reference, descriptor: &Descriptor) -> Result<(), StoreError> {
        let name = reference.to_string();
        let mut named = descriptor.clone();
        named.annotations.insert(REF_NAME.to_owned(), name.clone());
        self.change_index(|manifests| {
            let same = manifests.iter().position(|known| is_named(known, &name));
            match same {
                Some(at) if manifests[at] == named => return false,
                Some(at) => manifests[at] = named,
                None => manifests.push(named),
            }
            true
        })?;
        Ok(())
    }

    /// Forgets a name. Gives whether it was known. The blobs stay until garbage is collected.
    pub fn untag(&self, reference: &Reference) -> Result<bool, StoreError> {
        let name = reference.to_string();
        self.change_index(|manifests| {
            let before = manifests.len();
            manifests.retain(|known| !is_named(known, &name));
            manifests.len() != before
        })
    }

    /// What `reference` names: by its text, or by its digest if it has one and the store holds that manifest.
    pub fn resolve(&self, reference: &Reference) -> Result<Option<Descriptor>, StoreError> {
        let name = reference.to_string();
        let found = self
            .index()?
            .manifests
            .into_iter()
            .find(|known| is_named(known, &name));
        match (found, &reference.digest) {
            (Some(mut descriptor), _) => {
                descriptor.annotations.remove(REF_NAME);
                Ok(Some(descriptor))
            }
            (None, Some(digest)) if self.has_blob(digest) => self.describe(digest).map(Some),
            (None, _) => Ok(None),
        }
    }

    /// All images with a name, sorted by name. Entries of foreign tools without a name of ours are left out.
    pub fn images(&self) -> Result<Vec<(Reference, Descriptor)>, StoreError> {
        let mut images: Vec<(Reference, Descriptor)> = self
            .index()?
            .manifests
            .into_iter()
            .filter_map(|mut descriptor| {
                let name = descriptor.annotations.remove(REF_NAME)?;
                Some((name.parse().ok()?, descriptor))
            })
            .collect();
        images.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(images)
    }

    /// The manifest at `descriptor`; where that is an index, the one for this machine.
    pub fn manifest(&self, descriptor: &Descriptor) -> Result<Manifest, StoreError> {
        let selected = self.select(descriptor, &host_platform())?;
        self.read_json(&selected.digest, "an image manifest")
    }

    /// Follows indexes to the manifest for `platform`. An image that says nothing of its platform fits.
    pub fn select(
        &self,
        descriptor: &Descriptor,
        platform: &Platform,
    ) -> Result<Descriptor, StoreError> {
        let mut current = descriptor.clone();
        while let Some(next) = self.select_step(&current, platform)? {
            current = next;
        }
        Ok(current)
    }

    /// The entry of the index `current` for `platform`; `None` if `current` is a manifest. An index that holds
    /// indexes ends because no blob can hold its own digest.
    pub(crate) fn select_step(
        &self,
        current: &Descriptor,
        platform: &Platform,
    ) -> Result<Option<Descriptor>, StoreError> {
        match current.media_type.as_str() {
            media::MANIFEST | media::DOCKER_MANIFEST => Ok(None),
            media::INDEX | media::DOCKER_INDEX => {
                let index: Index = self.read_json(&current.digest, "an image index")?;
                choose(&current.digest, index.manifests, platform).map(Some)
            }
            _ => Err(StoreError::NotAnImage {
                digest: current.digest.clone(),
                media_type: current.media_type.clone(),
            }),
        }
    }

    /// The configuration of an image.
    pub fn config(&self, manifest: &Manifest) -> Result<ImageConfig, StoreError> {
        self.read_json(&manifest.config.digest, "an image configuration")
    }

    /// The layers of an image, lowest first, each with its digest when unpacked.
    pub fn layers(&self, manifest: &Manifest) -> Result<Vec<Layer>, StoreError> {
        let config = self.config(manifest)?;
        if config.rootfs.diff_ids.len() != manifest.layers.len() {
            return Err(StoreError::LayerCount {
                manifest: manifest.layers.len(),
                config: config.rootfs.diff_ids.len(),
            });
        }
        let pairs = config.rootfs.diff_ids.into_iter().zip(&manifest.layers);
        Ok(pairs
            .map(|(diff_id, blob)| Layer {
                diff_id,
                blob: blob.clone(),
            })
            .collect())
    }

    /// Stores a configuration and the manifest over it and `layers`; gives the manifest's descriptor.
    pub fn put_image(
        &self,
        config: &ImageConfig,
        layers: &[Descriptor],
    ) -> Result<Descriptor, StoreError> {
        let config = to_json(config);
        let digest = self.put_blob(&config)?;
        let config = plain_descriptor(media::CONFIG, digest, config.len() as u64);
        self.put_manifest(config, layers.to_vec())
    }

    /// Stores the manifest over a configuration and layers that are in the store.
    pub(crate) fn put_manifest(
        &self,
        config: Descriptor,
        layers: Vec<Descriptor>,
    ) -> Result<Descriptor, StoreError> {
        let manifest = to_json(&Manifest {
            schema_version: 2,
            media_type: Some(media::MANIFEST.to_owned()),
            config,
            layers,
            annotations: std::collections::BTreeMap::new(),
        });
        let digest = self.put_blob(&manifest)?;
        Ok(plain_descriptor(
            media::MANIFEST,
            digest,
            manifest.len() as u64,
        ))
    }

    /// The descriptor of a manifest or index in the store, made from what it says about itself.
    pub fn describe(&self, digest: &Digest) -> Result<Descriptor, StoreError> {
        let bytes = self.read_blob(digest)?;
        let value: serde_json::Value = parse(&bytes, digest, "a manifest")?;
        let said = value.get("mediaType").and_then(|kind| kind.as_str());
        // Optional in OCI: an index has `manifests`, a manifest has not.
        let media_type = said.unwrap_or(if value.get("manifests").is_some() {
            media::INDEX
        } else {
            media::MANIFEST
        });
        Ok(plain_descriptor(
            media_type,
            digest.clone(),
            bytes.len() as u64,
        ))
    }

    /// Reads a blob as JSON; `expected` is what it should be, for messages.
    pub fn read_json<T: DeserializeOwned>(
        &self,
        digest: &Digest,
        expected: &'static str,
    ) -> Result<T, StoreError> {
        parse(&self.read_blob(digest)?, digest, expected)
    }

    pub(crate) fn index(&self) -> Result<Index, StoreError> {
        let path = self.root().join("index.json");
        let bytes = fs::read(&path).during("read", &path)?;
        serde_json::from_slice(&bytes).map_err(|source| StoreError::MalformedFile { path, source })
    }

    /// Changes the list of images under its lock; `change` says whether there is something to write.
    fn change_index(
        &self,
        change: impl FnOnce(&mut Vec<Descriptor>) -> bool,
    ) -> Result<bool, StoreError> {
        let lock_path = self.root().join("index.lock");
        let lock = File::create(&lock_path).during("open", &lock_path)?;
        lock.lock().during("lock", &lock_path)?;
        let mut index = self.index()?;
        let changed = change(&mut index.manifests);
        if changed {
            self.replace_file(&self.root().join("index.json"), &to_json(&index))?;
        }
        Ok(changed)
    }
}

/// A descriptor without annotations and platform.
pub(crate) fn plain_descriptor(media_type: &str, digest: Digest, size: u64) -> Descriptor {
    Descriptor {
        media_type: media_type.to_owned(),
        digest,
        size,
        annotations: std::collections::BTreeMap::new(),
        platform: None,
    }
}

/// The platform of this machine, in Go's words.
pub fn host_platform() -> Platform {
    let (architecture, variant) = match std::env::consts::ARCH {
        "x86_64" => ("amd64", None),
        "x86" => ("386", None),
        "aarch64" => ("arm64", None),
        "arm" => ("arm", Some("v7".to_owned())),
        "powerpc64" => ("ppc64le", None),
        "loongarch64" => ("loong64", None),
        other => (other, None),
    };
    Platform {
        architecture: architecture.to_owned(),
        os: "linux".to_owned(),
        variant,
    }
}

fn is_named(descriptor: &Descriptor, name: &str) -> bool {
    descriptor.annotations.get(REF_NAME).map(String::as_str) == Some(name)
}

/// Picks the entry of an index for `wanted`: same system and architecture, the same variant before any other.
fn choose(
    index: &Digest,
    manifests: Vec<Descriptor>,
    wanted: &Platform,
) -> Result<Descriptor, StoreError> {
    let fits = |found: &Descriptor| match &found.platform {
        None => 1,
        Some(p) if p.os != wanted.os || p.architecture != wanted.architecture => 0,
        Some(p) if p.variant == wanted.variant => 3,
        Some(_) => 2,
    };
    let offered = manifests
        .iter()
        .filter_map(|manifest| manifest.platform.as_ref().map(platform_name))
        .collect::<Vec<_>>()
        .join(", ");
    // `max_by_key` takes the last of equals, the specification the first.
    let best = manifests.into_iter().rev().max_by_key(fits);
    best.filter(|found| fits(found) > 0)
        .ok_or_else(|| StoreError::NoPlatform {
            digest: index.clone(),
            wanted: platform_name(wanted),
            offered,
        })
}

/// `os/architecture[/variant]`.
pub(crate) fn platform_name(platform: &Platform) -> String {
    let variant = platform.variant.as_ref();
    let variant = variant.map_or(String::new(), |variant| format!("/{variant}"));
    format!("{}/{}{variant}", platform.os, platform.architecture)
}

/// Compact JSON with the fields in their declared order: same data, same bytes.
pub(crate) fn to_json<T: serde::Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value)
        .expect("our own types have string keys only, which is all that could fail")
}

/// Parses JSON in which `null` means the same as nothing, as the Go programs write it that make most images.
fn parse<T: DeserializeOwned>(
    bytes: &[u8],
    digest: &Digest,
    expected: &'static str,
) -> Result<T, StoreError> {
    let malformed = |source| StoreError::MalformedBlob {
        digest: digest.clone(),
        expected,
        source,
    };
    let mut value = serde_json::from_slice(bytes).map_err(malformed)?;
    drop_nulls(&mut value);
    serde_json::from_value(value).map_err(malformed)
}

fn drop_nulls(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(fields) => {
            fields.retain(|_, field| !field.is_null());
            fields.values_mut().for_each(drop_nulls);
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}
