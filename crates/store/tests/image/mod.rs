//! The smallest image there is.

use boatyard_plan::image::{Descriptor, ImageConfig, RootFs, RunConfig};
use boatyard_store::Store;
use boatyard_store::layer::{self, Entry, Layer, Options};

/// An image with one layer that holds `text`.
pub fn image(store: &Store, text: &str) -> (Descriptor, Layer) {
    let entries = vec![Entry::file("text", 0o644, text.as_bytes())];
    let layer = layer::write(store, entries, &Options::default()).unwrap();
    let config = ImageConfig {
        created: None,
        author: None,
        architecture: boatyard_store::host_platform().architecture,
        os: "linux".to_owned(),
        config: RunConfig::default(),
        rootfs: RootFs {
            kind: "layers".to_owned(),
            diff_ids: vec![layer.diff_id.clone()],
        },
        history: Vec::new(),
    };
    let manifest = store
        .put_image(&config, std::slice::from_ref(&layer.blob))
        .unwrap();
    (manifest, layer)
}
