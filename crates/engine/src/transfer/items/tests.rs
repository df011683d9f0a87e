//! The tree against a map.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::super::item::{Owner, Print};
use super::*;

fn file(at: &Path, size: u64) -> Item {
    let print = Print {
        device: 1,
        inode: size,
        size,
        secs: [5, 6],
        nanos: [7, 8],
    };
    let file = File::Disk {
        at: at.into(),
        print,
        digest: size.is_multiple_of(2).then_some([7; 32]),
    };
    Item {
        what: What::File(file),
        ..Item::folder(0o644, Owner { uid: 3, gid: 4 }, Some(9))
    }
}

fn item(path: &Path, kind: u64) -> Item {
    match kind % 4 {
        // Under its own name, under another one, in the same folder and in others.
        0 => {
            let name = path.strip_prefix("/").unwrap_or(path);
            file(
                &Path::new("/src")
                    .join(name)
                    .components()
                    .collect::<PathBuf>(),
                kind,
            )
        }
        1 => file(Path::new("/else/where"), kind),
        2 => Item::folder(0o755, Owner::default(), None),
        _ => Item {
            what: What::Fifo,
            ..Item::folder(0o600, Owner::default(), Some(1))
        },
    }
}

#[test]
fn what_there_are_many_of_is_small() {
    assert!(size_of::<Node>() <= 20, "{}", size_of::<Node>());
    assert!(size_of::<DiskFile>() <= 128, "{}", size_of::<DiskFile>());
}

proptest! {
    /// It does what a map by path does.
    #[test]
    fn it_is_a_map(steps in prop::collection::vec(("(/[ab.-]{1,2}){0,3}", 0_u64..9, 0_u8..4), 0..60)) {
        let mut items = Items::new();
        let mut map: BTreeMap<PathBuf, Item> = BTreeMap::new();
        for (path, kind, step) in steps {
            // `.` and `..` are no names.
            let path: PathBuf = path.split('/').filter(|name| !matches!(*name, "." | "..")).collect();
            let path = Path::new("/").join(path);
            match step {
                0 => {
                    items.remove(&path);
                    map.remove(&path);
                }
                1 => {
                    let done = items.change(&path, |item| item.mode = 0o711);
                    let found = map.get_mut(&path);
                    prop_assert_eq!(done, found.is_some());
                    if let Some(item) = found {
                        item.mode = 0o711;
                    }
                }
                _ => {
                    items.insert(&path, item(&path, kind));
                    map.insert(path.clone(), item(&path, kind));
                }
            }
            prop_assert_eq!(items.contains(&path), map.contains_key(&path));
            let said = |item: &Item| format!("{item:?}");
            prop_assert_eq!(items.get(&path).map(|item| said(&item)), map.get(&path).map(said));
            let within: Vec<_> = map.keys().filter(|at| at.starts_with(&path)).cloned().collect();
            prop_assert_eq!(items.within(&path), within);
        }
        let all: Vec<_> = items.iter().map(|(path, item)| format!("{path:?} {item:?}")).collect();
        let expected: Vec<_> = map.iter().map(|(path, item)| format!("{path:?} {item:?}")).collect();
        prop_assert_eq!(all, expected);
        let is_disk = |item: &&Item| matches!(item.what, What::File(File::Disk { .. }));
        prop_assert_eq!(items.files().count(), map.values().filter(is_disk).count());
        prop_assert_eq!(items.files().count() + items.others().count(), map.len());
    }
}
