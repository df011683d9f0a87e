//! The smallest images there are.
#![allow(dead_code, reason = "every test uses some of it")]

use boatyard_plan::image::{Descriptor, ImageConfig, RootFs, RunConfig};
use boatyard_store::Store;
use boatyard_store::layer::{self, Entry, Layer, Options};

/// An image with one layer that holds `text`.
pub fn image(store: &Store, text: &str) -> (Descriptor, Layer) {
    let (manifest, mut layers) = layered(store, &[text.as_bytes().to_vec()]);
    (manifest, layers.remove(0))
}

/// An image with a layer for each of some contents.
pub fn layered(store: &Store, contents: &[Vec<u8>]) -> (Descriptor, Vec<Layer>) {
    let write = |content: &Vec<u8>| {
        let entries = vec![Entry::file("text", 0o644, content.as_slice())];
        layer::write(store, entries, &Options::default()).unwrap()
    };
    let layers: Vec<Layer> = contents.iter().map(write).collect();
    let config = ImageConfig {
        created: None,
        author: None,
        architecture: boatyard_store::host_platform().architecture,
        os: "linux".to_owned(),
        config: RunConfig::default(),
        rootfs: RootFs {
            kind: "layers".to_owned(),
            diff_ids: layers.iter().map(|layer| layer.diff_id.clone()).collect(),
        },
        history: Vec::new(),
    };
    let blobs: Vec<Descriptor> = layers.iter().map(|layer| layer.blob.clone()).collect();
    let manifest = store.put_image(&config, &blobs).unwrap();
    (manifest, layers)
}
