//! Caches in a registry: what one store knows, another takes.

mod distribution;
mod image;

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use boatyard_store::Store;
use boatyard_store::cache::{self, CacheError, Mode, Place, Taken, Target};
use boatyard_store::layer::Layer;
use boatyard_store::registry;
use distribution::{Registry, options};

/// A store that has a record of an action and a cache mount, of this name.
fn worked(folder: &Path, name: &str) -> (Store, Layer) {
    let store = Store::open(folder).unwrap();
    let (_, layer) = image::image(&store, name);
    store.put_action(name, &layer).unwrap();
    let mount = folder.join("cache").join(name);
    fs::create_dir_all(&mount).unwrap();
    fs::write(mount.join("kept"), name).unwrap();
    store.uses_mount(name);
    (store, layer)
}

fn day(number: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs((20_000 + number) * 24 * 60 * 60)
}

#[test]
fn a_registry_keeps_what_several_write() {
    let Some(registry) = Registry::start("a_registry_keeps_what_several_write", false) else {
        return;
    };
    let at = |name: &str| registry.home.path().join(name);
    let target = Target {
        place: Place::Registry(registry.name("team/cache:main")),
        mode: Mode::Max,
        mounts: true,
        max_bytes: None,
    };
    let (one, layer) = worked(&at("one"), "first");
    let (two, _) = worked(&at("two"), "second");
    let export = |store: &Store, day_number| {
        cache::export(store, &[], &target, day(day_number), &options()).unwrap()
    };
    assert_eq!(export(&one, 0).actions, 1);
    let both = export(&two, 10);
    assert_eq!((both.actions, both.mounts, both.left_out), (2, 2, 0));

    let said = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&said);
    let three = Store::open(&at("three")).unwrap();
    let warn = Arc::new(move |message| heard.lock().unwrap().push(message));
    three.take_from(std::slice::from_ref(&target.place), options(), warn);
    // Nothing comes before it is asked for.
    assert!(!three.has_blob(&layer.blob.digest));
    assert_eq!(three.action::<Layer>("first"), Some(layer.clone()));
    assert!(three.has_blob(&layer.blob.digest));
    assert_eq!(three.action::<Layer>("third"), None);
    let mount = at("mount");
    fs::create_dir(&mount).unwrap();
    assert!(three.restore_mount("second", &mount).unwrap());
    assert_eq!(fs::read_to_string(mount.join("kept")).unwrap(), "second");
    let taken = Taken {
        actions: 1,
        mounts: 1,
    };
    assert_eq!(three.taken(), taken);
    assert_eq!(*said.lock().unwrap(), Vec::<String>::new());

    // Fifteen days after the first, only the second is young enough.
    let after = export(&two, 15);
    assert_eq!((after.actions, after.mounts), (1, 1));
}

#[test]
fn an_image_is_not_written_over() {
    let Some(registry) = Registry::start("an_image_is_not_written_over", false) else {
        return;
    };
    let (store, _) = worked(&registry.home.path().join("store"), "first");
    let (manifest, _) = image::image(&store, "text");
    let name = registry.name("team/app:1");
    registry::push(&store, &manifest, &name, &options(), &|_| {}).unwrap();
    let target = Target {
        place: Place::Registry(name),
        mode: Mode::Max,
        mounts: false,
        max_bytes: None,
    };
    let refused = cache::export(&store, &[], &target, day(0), &options()).unwrap_err();
    assert!(matches!(refused, CacheError::Foreign { .. }), "{refused}");
}
