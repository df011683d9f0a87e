//! How large the variants of an image are, layer by layer.

use boatyard_plan::reference::Reference;
use boatyard_plan::variant::{Variant, names, stem};
use boatyard_store::{Store, StoreError};
use serde::Serialize;

use crate::answer::Table;
use crate::colour::Paint;
use crate::progress::amount;

/// The size of one image.
#[derive(Debug, Serialize)]
pub struct Measured {
    /// Its name.
    pub reference: String,
    /// Sum of its layers as they are stored, bytes.
    pub size_bytes: u64,
    /// Its layers, lowest first.
    pub layers: Vec<Part>,
}

/// One layer.
#[derive(Debug, Serialize)]
pub struct Part {
    /// Its digest.
    pub digest: String,
    /// As it is stored, bytes.
    pub size_bytes: u64,
    /// What made it, as the history says.
    pub made_by: String,
}

/// The image and its other variants, as far as the store has them.
pub fn read(store: &Store, reference: &Reference) -> Result<Vec<Measured>, StoreError> {
    let mut all = vec![reference.clone()];
    let base = stem(reference);
    for variant in Variant::ALL {
        // The first name is the variant's own.
        all.extend(names(&base, variant, None).into_iter().take(1));
    }
    let mut sizes: Vec<Measured> = Vec::new();
    for one in all {
        if sizes.iter().any(|size| size.reference == one.to_string()) {
            continue;
        }
        if let Some(descriptor) = store.resolve(&one)? {
            sizes.push(size(store, &one, &store.manifest(&descriptor)?)?);
        }
    }
    Ok(sizes)
}

fn size(
    store: &Store,
    reference: &Reference,
    manifest: &boatyard_plan::image::Manifest,
) -> Result<Measured, StoreError> {
    let config = store.config(manifest)?;
    let history = config.history.iter().filter(|step| !step.empty_layer);
    let mut made_by = history.map(|step| step.created_by.clone().unwrap_or_default());
    let layers: Vec<Part> = manifest
        .layers
        .iter()
        .map(|layer| Part {
            digest: layer.digest.to_string(),
            size_bytes: layer.size,
            made_by: made_by.next().unwrap_or_default(),
        })
        .collect();
    Ok(Measured {
        reference: reference.to_string(),
        size_bytes: layers.iter().map(|layer| layer.size_bytes).sum(),
        layers,
    })
}

/// A row for each layer, a column for each image that has it.
pub fn table(sizes: &[Measured], paint: Paint) -> String {
    let mut rows: Vec<&Part> = Vec::new();
    for layer in sizes.iter().flat_map(|size| &size.layers) {
        if !rows.iter().any(|row| row.digest == layer.digest) {
            rows.push(layer);
        }
    }
    let mut text = String::new();
    let columns = sizes.iter().map(|size| size.reference.as_str());
    let cell = |index: usize, of: &dyn Fn(&Measured) -> Option<u64>| {
        sizes
            .get(index)
            .map_or_else(String::new, |size| match of(size) {
                Some(bytes) => amount::bytes(bytes),
                None => "-".to_owned(),
            })
    };
    let names: Vec<&str> = columns.collect();
    let name = |index: usize| names.get(index).copied().unwrap_or("");
    let mut table = Table::new(["LAYER", name(0), name(1), name(2), "MADE BY"]);
    for layer in rows {
        let size = |size: &Measured| {
            let found = size.layers.iter().find(|one| one.digest == layer.digest);
            found.map(|one| one.size_bytes)
        };
        let short: String = layer
            .digest
            .chars()
            .skip("sha256:".len())
            .take(12)
            .collect();
        let made_by: String = layer.made_by.chars().take(60).collect();
        table.row([
            short,
            cell(0, &size),
            cell(1, &size),
            cell(2, &size),
            made_by,
        ]);
    }
    let all = |size: &Measured| Some(size.size_bytes);
    table.row([
        "all".to_owned(),
        cell(0, &all),
        cell(1, &all),
        cell(2, &all),
        String::new(),
    ]);
    text.push_str(&table.render(paint));
    text
}
