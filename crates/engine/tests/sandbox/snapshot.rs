//! What was changed is the same layer, whether an overlay or a full copy was written on.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::Path;

use boatyard_engine::host::{Host, Snapshots};
use boatyard_engine::snapshot::{Tree, Workspace};
use boatyard_store::Store;
use boatyard_store::layer::{self, Entry, Options, Unpack};

use crate::ALL;
use crate::world::{Case, World};

pub const CASES: &[Case] = &[(
    "overlays and copies give the same layers",
    ALL,
    overlays_and_copies_agree,
)];

const EPOCH: i64 = 1_700_000_000;

fn base(store: &Store) -> Tree {
    let dated = |entry: Entry| Entry {
        mtime: EPOCH,
        ..entry
    };
    let entries = vec![
        Entry::directory("etc", 0o755),
        Entry::file("etc/same", 0o600, *b"as it was\n"),
        Entry::file("etc/empty", 0o600, *b""),
        Entry::file("etc/changed", 0o644, *b"before\n"),
        Entry::file("etc/mode", 0o644, *b"mode\n"),
        Entry::file("etc/gone", 0o644, *b"gone\n"),
        Entry::symlink("etc/link", "same"),
        Entry::directory("quiet", 0o755),
        Entry::directory("quiet/deep", 0o700),
        Entry::file("quiet/deep/file", 0o644, *b"deep\n"),
        Entry::directory("old", 0o755),
        Entry::file("old/file", 0o644, *b"old\n"),
        Entry::directory("old/sub", 0o755),
        Entry::file("old/sub/file", 0o644, *b"old\n"),
    ];
    let entries = entries.into_iter().map(dated).collect();
    let layer = layer::write(store, entries, &Options::default()).unwrap();
    Tree {
        epoch: EPOCH,
        ..Tree::default()
    }
    .with(layer)
}

/// What a step may do, some of it without any effect.
fn work(root: &Path) {
    let mode = |path: &str, mode| {
        fs::set_permissions(root.join(path), fs::Permissions::from_mode(mode)).unwrap();
    };
    mode("etc/same", 0o600);
    mode("etc/empty", 0o600);
    mode("quiet/deep", 0o700);
    chown(root.join("quiet/deep/file"), Some(0), Some(0)).unwrap();
    mode("etc/mode", 0o600);
    fs::write(root.join("etc/changed"), "after\n").unwrap();
    fs::remove_file(root.join("etc/gone")).unwrap();
    // An overlay marks a folder that was made anew as one that hides what is below.
    fs::remove_dir_all(root.join("old")).unwrap();
    fs::create_dir_all(root.join("old/sub")).unwrap();
    fs::write(root.join("old/other"), "new\n").unwrap();
    symlink("etc/same", root.join("here")).unwrap();
}

fn overlays_and_copies_agree(world: &World) {
    let store = Store::open(&world.scratch.path().join("store")).unwrap();
    let base = base(&store);
    let copying = Host {
        snapshots: Snapshots::Copy,
        ..world.host.clone()
    };
    let paths = |host: &Host| -> Vec<(String, String)> {
        let workspace = Workspace::open(host, &store, &base).unwrap();
        work(workspace.root());
        let entries = workspace.changes(&store, None).unwrap().into_iter();
        entries
            .map(|entry| {
                (
                    entry.path.display().to_string(),
                    format!("{:?}", entry.kind),
                )
            })
            .collect()
    };
    let changed = paths(&copying);
    let names: Vec<&str> = changed.iter().map(|(path, _)| path.as_str()).collect();
    assert!(names.contains(&"etc/changed") && names.contains(&"etc/mode"));
    assert!(!names.contains(&"etc/same") && !names.iter().any(|name| name.starts_with("quiet")));
    assert_eq!(paths(&world.host), changed);
    keeps_its_tree(world, &store, &base);
}

/// What was written on becomes the layer's snapshot, the same as if it was unpacked, whatever was replaced.
fn keeps_its_tree(world: &World, store: &Store, base: &Tree) {
    if world.host.snapshots == Snapshots::Copy {
        return;
    }
    let workspace = Workspace::open(&world.host, store, base).unwrap();
    work(workspace.root());
    let layer = workspace.commit(store, &Options::default()).unwrap();
    let kept = store.snapshot(&layer.diff_id).expect("it was kept");
    let unpacked = world.scratch.path().join("unpacked");
    fs::create_dir(&unpacked).unwrap();
    let blob = store.open_blob(&layer.blob.digest).unwrap();
    layer::unpack(blob, &unpacked, &Unpack::snapshot()).unwrap();
    let seen = |root: &Path| -> Vec<String> {
        let entries = layer::walk_upper(root).unwrap().into_iter();
        let seen =
            entries.map(|entry| (entry.path, entry.kind, entry.mode, entry.mtime, entry.size));
        seen.map(|entry| format!("{entry:?}")).collect()
    };
    assert_eq!(seen(&kept), seen(&unpacked));
    let listed = seen(&kept).join("\n");
    assert!(
        listed.contains("old/sub/file") && !listed.contains("Opaque"),
        "{listed}"
    );
}
