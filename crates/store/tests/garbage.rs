//! What is collected, what is kept, what is found damaged.

mod image;

use std::fs;

use boatyard_plan::digest::Digest;
use boatyard_store::prune::{self, Freed, Keep, Problem};
use boatyard_store::{Store, StoreError};
use image::image;

#[test]
fn garbage_goes_and_what_something_needs_stays() {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(home.path()).unwrap();
    let (named, named_layer) = image(&store, "named");
    store.tag(&"named".parse().unwrap(), &named).unwrap();
    let (_, pinned_layer) = image(&store, "pinned");
    store
        .pin("container-1", std::slice::from_ref(&pinned_layer.diff_id))
        .unwrap();
    let recorded = store.put_blob(b"recorded").unwrap();
    store.put_action("some-action", &recorded).unwrap();
    let (_, garbage_layer) = image(&store, "garbage");
    for layer in [&named_layer, &pinned_layer, &garbage_layer] {
        store.ensure_snapshot(layer).unwrap();
    }

    let other = Store::open(home.path()).unwrap();
    let refused = prune::gc(&store, &Keep::default()).unwrap_err();
    assert!(matches!(refused, StoreError::InUse { .. }), "{refused}");
    drop(other);

    let freed = prune::gc(&store, &Keep::default()).unwrap();
    // Manifest, configuration and layer of two images: a pinned snapshot needs no blob.
    assert_eq!((freed.blobs, freed.snapshots, freed.actions), (6, 1, 0));
    assert!(store.snapshot(&named_layer.diff_id).is_some());
    assert!(store.snapshot(&pinned_layer.diff_id).is_some());
    assert!(store.has_blob(&recorded));
    assert_eq!(prune::fsck(&store).unwrap(), []);

    store.unpin("container-1").unwrap();
    let nothing_more = Keep {
        bytes: Some(0),
        ..Keep::default()
    };
    let freed = prune::gc(&store, &nothing_more).unwrap();
    assert_eq!((freed.blobs, freed.snapshots, freed.actions), (1, 1, 1));
    assert_eq!(prune::gc(&store, &nothing_more).unwrap(), Freed::default());

    let manifest = store.manifest(&named).unwrap();
    fs::remove_file(store.blob_path(&manifest.config.digest)).unwrap();
    fs::write(store.blob_path(&named_layer.blob.digest), "damaged").unwrap();
    assert_eq!(
        prune::fsck(&store).unwrap(),
        [
            Problem::Damaged {
                digest: named_layer.blob.digest,
                found: Digest::of(b"damaged"),
            },
            Problem::Missing {
                digest: manifest.config.digest,
                image: "named:latest".to_owned(),
            },
        ]
    );
}
