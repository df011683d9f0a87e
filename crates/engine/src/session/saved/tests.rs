use std::fs;
use std::path::PathBuf;

use boatyard_store::Store;

use super::{Saving, all, forget, restore, save};
use crate::session::{Place, SavedError};

struct Yard {
    _folder: tempfile::TempDir,
    store: Store,
    place: Place,
}

impl Yard {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let place = Place::new(folder.path(), "shop", folder.path());
        Self {
            _folder: folder,
            store,
            place,
        }
    }

    fn copy(&self, name: &str) -> Place {
        self.place.clone().of_copy(name)
    }

    fn write(&self, text: &str) {
        let folder = self.place.volume("db").join("deep");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("row"), text).unwrap();
    }

    fn save(&self, name: &str, saving: Saving) -> Result<(), SavedError> {
        save(&self.store, &self.place, "shop", name, saving).map(|_| ())
    }
}

fn row(place: &Place) -> PathBuf {
    place.volume("db").join("deep/row")
}

#[test]
fn data_goes_aside_and_comes_back() {
    let yard = Yard::new();
    yard.write("one");
    yard.save("first", Saving::default()).unwrap();
    yard.write("two");
    fs::write(yard.place.volume("db").join("more"), "").unwrap();
    let taken = yard.save("first", Saving::default());
    assert!(matches!(taken, Err(SavedError::Taken { .. })), "{taken:?}");

    // Another copy of the project begins with it, and what it had is gone.
    let other = yard.copy("other");
    fs::create_dir_all(other.volume("cache")).unwrap();
    restore(&yard.store, &other, "shop", "first").unwrap();
    assert_eq!(fs::read_to_string(row(&other)).unwrap(), "one");
    assert!(!other.volume("cache").exists());
    // One that has nothing, too.
    let fresh = yard.copy("fresh");
    restore(&yard.store, &fresh, "shop", "first").unwrap();
    assert_eq!(fs::read_to_string(row(&fresh)).unwrap(), "one");

    restore(&yard.store, &yard.place, "shop", "first").unwrap();
    assert_eq!(fs::read_to_string(row(&yard.place)).unwrap(), "one");
    assert!(!yard.place.volume("db").join("more").exists());

    yard.write("three");
    let replaces = Saving {
        replaces: true,
        ..Saving::default()
    };
    yard.save("first", replaces).unwrap();
    let listed = all(yard.store.root());
    assert_eq!((listed.len(), listed[0].size_bytes), (1, 5));
    restore(&yard.store, &fresh, "shop", "first").unwrap();
    assert_eq!(fs::read_to_string(row(&fresh)).unwrap(), "three");

    assert!(forget(&yard.store, "first").unwrap());
    assert!(!forget(&yard.store, "first").unwrap());
    assert!(all(yard.store.root()).is_empty());
}

#[test]
fn what_cannot_be_changes_nothing() {
    let yard = Yard::new();
    yard.write("one");
    let tight = Saving {
        room_bytes: Some(2),
        ..Saving::default()
    };
    let refused = yard.save("first", tight);
    assert!(
        matches!(
            refused,
            Err(SavedError::NoRoom {
                size_bytes: 3,
                room: 2
            })
        ),
        "{refused:?}"
    );
    assert!(all(yard.store.root()).is_empty());
    yard.save("first", Saving::default()).unwrap();

    let other = restore(&yard.store, &yard.place, "blog", "first");
    assert!(matches!(other, Err(SavedError::OtherProject { .. })));
    let nothing = restore(&yard.store, &yard.place, "shop", "second");
    let Err(SavedError::NotThere { known, .. }) = nothing else {
        panic!("{nothing:?}");
    };
    assert_eq!(known, ["first"]);

    let lock = yard.place.lock().unwrap().expect("nothing runs");
    for refused in [
        yard.save("second", Saving::default()),
        restore(&yard.store, &yard.place, "shop", "first").map(|_| ()),
    ] {
        assert!(matches!(refused, Err(SavedError::Runs { .. })));
    }
    drop(lock);
    assert_eq!(fs::read_to_string(row(&yard.place)).unwrap(), "one");
    // Nothing is left of what was not done.
    let left = fs::read_dir(yard.store.root().join("tmp")).unwrap();
    assert_eq!(left.count(), 0);
}

#[test]
fn data_of_another_release_is_refused() {
    let yard = Yard::new();
    let version = yard.place.volume("db").join("cluster/PG_VERSION");
    fs::create_dir_all(version.parent().unwrap()).unwrap();
    fs::write(&version, "13\n").unwrap();
    yard.save("old", Saving::default()).unwrap();
    // Where nothing is yet, nobody knows what will run.
    restore(&yard.store, &yard.copy("fresh"), "shop", "old").unwrap();
    fs::write(&version, "15\n").unwrap();
    let refused = restore(&yard.store, &yard.place, "shop", "old");
    let said = refused.unwrap_err().to_string();
    let expected = "what is saved as \"old\" is data of PostgreSQL 13, and here runs PostgreSQL 15";
    assert_eq!(said, expected);
    assert_eq!(fs::read_to_string(&version).unwrap(), "15\n");
    // What a container makes of its volume leads nowhere else, and is not told of.
    let secret = yard.store.root().join("secret");
    fs::write(&secret, "15").unwrap();
    fs::remove_file(&version).unwrap();
    std::os::unix::fs::symlink(&secret, &version).unwrap();
    restore(&yard.store, &yard.place, "shop", "old").unwrap();
    assert_eq!(fs::read_to_string(&version).unwrap(), "13\n");
}
