//! What goes with an image: annotations, and statements about what it was made from and what is in it.
//!
//! ```text
//! manifest --annotations--> manifest --statements or annotations of an index?--> index of both : manifest
//! ```

use std::collections::BTreeSet;

use boatyard_plan::attest::{
    Annotations, IN_TOTO, Material, Provenance, SLSA, SPDX, Statement, Taken, Wanted, attached,
    predicate,
};
use boatyard_plan::event::Level;
use boatyard_plan::image::{Descriptor, Index, Platform, media};
use boatyard_plan::reference::Reference;
use boatyard_plan::sbom::spdx;
use boatyard_store::{Store, StoreError};

use crate::inventory;
use crate::sink::{Sink, notice};

/// What goes with the images of a build.
#[derive(Clone, Debug, Default)]
pub struct Extras {
    /// Which statements.
    pub wanted: Wanted,
    /// What the build was asked for; needed for a statement about it.
    pub provenance: Option<Provenance>,
    /// What the build takes from elsewhere, as far as whoever asks for it knows.
    pub materials: BTreeSet<Material>,
    /// Words on the manifest and on the index.
    pub annotations: Annotations,
}

/// Puts what goes with it to `image`, a manifest in the store that will have `names`; `taken` is what it was made from.
/// Gives what the names should name: the manifest, or an index over it.
pub(crate) fn finish(
    store: &Store,
    image: &Descriptor,
    names: &[Reference],
    taken: &Taken,
    extras: &Extras,
    sink: &Sink,
) -> Result<Descriptor, StoreError> {
    let image = store.annotate(image, extras.annotations.manifest.clone())?;
    if extras.wanted.is_nothing() && !extras.annotations.need_index() {
        return Ok(image);
    }
    let config = store.config(&store.manifest(&image)?)?;
    let platform = Platform {
        architecture: config.architecture,
        os: config.os,
        variant: None,
    };
    let mut manifests = vec![Descriptor {
        annotations: extras.annotations.manifest_descriptor.clone(),
        platform: Some(platform.clone()),
        ..image.clone()
    }];
    let statements = statements(store, &image, &platform, names, taken, extras, sink)?;
    if !statements.is_empty() {
        let attached = attached(&image, &statements);
        for bytes in statements.iter().map(|statement| &statement.bytes) {
            store.put_blob(bytes)?;
        }
        store.put_blob(&attached.config)?;
        store.put_blob(&attached.manifest)?;
        manifests.push(attached.descriptor);
    }
    let index = Index {
        schema_version: 2,
        media_type: Some(media::INDEX.to_owned()),
        manifests,
        annotations: extras.annotations.index.clone(),
    };
    let bytes = serde_json::to_vec(&index).expect("plain data with string keys");
    let digest = store.put_blob(&bytes)?;
    Ok(Descriptor {
        media_type: media::INDEX.to_owned(),
        digest,
        size: bytes.len() as u64,
        annotations: std::collections::BTreeMap::new(),
        platform: None,
    })
}

/// What is said about an image, what it was made from first.
fn statements(
    store: &Store,
    image: &Descriptor,
    platform: &Platform,
    names: &[Reference],
    taken: &Taken,
    extras: &Extras,
    sink: &Sink,
) -> Result<Vec<Statement>, StoreError> {
    let mut said = Vec::new();
    let wanted = &extras.wanted;
    if wanted.is_nothing() {
        return Ok(said);
    }
    let about = |kind, predicate: &serde_json::Value| {
        Statement::new(names, &image.digest, platform, kind, predicate)
    };
    let has_provenance = wanted.provenance.is_some() && extras.provenance.is_some();
    let packages = if wanted.sbom || (has_provenance && taken.has_packages()) {
        let name = names.first().cloned().unwrap_or_else(|| {
            "image:latest"
                .parse()
                .expect("a fixed name that is a reference")
        });
        Some(inventory::of(store, &name, image)?)
    } else {
        None
    };
    if let (Some(detail), Some(provenance)) = (wanted.provenance, &extras.provenance) {
        let mut materials = taken.materials();
        materials.extend(extras.materials.iter().cloned());
        if let Some((_, inventory)) = packages.as_ref().filter(|_| taken.has_packages()) {
            let debian = inventory.packages().filter(|found| found.kind() == "deb");
            materials.extend(debian.map(|package| Material::package(&package.purl)));
        }
        said.push(about(SLSA, &predicate(provenance, detail, &materials)));
    }
    if let Some((subject, inventory)) = packages.filter(|_| wanted.sbom) {
        for place in &inventory.unread {
            let text = format!(
                "{place} names no package or no version: what it stands for is not in the bill of materials"
            );
            notice(sink, Level::Warning, text, None);
        }
        said.push(about(SPDX, &spdx::document(&subject, &inventory)));
    }
    Ok(said)
}

/// What is said about an image: the statements beside it in the index that `top` is. None beside a manifest.
pub fn read(store: &Store, top: &Descriptor) -> Result<Vec<serde_json::Value>, StoreError> {
    if !matches!(top.media_type.as_str(), media::INDEX | media::DOCKER_INDEX) {
        return Ok(Vec::new());
    }
    let mut said = Vec::new();
    for entry in store.entries(top)? {
        if !boatyard_plan::attest::is_attestation(&entry) {
            continue;
        }
        for layer in store.manifest(&entry)?.layers {
            if layer.media_type == IN_TOTO {
                said.push(store.read_json(&layer.digest, "a statement")?);
            }
        }
    }
    Ok(said)
}
