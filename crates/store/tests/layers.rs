//! Layers there and back.

mod tree;

use std::fs;
use std::path::Path;

use boatyard_store::Store;
use boatyard_store::layer::{
    self, Compression, Devices, Entry, Kind, Limits, Options, Owners, Style, Unpack, Whiteouts,
};
use tree::{Random, describe, is_root, make_whiteout, set_xattr};

fn snapshot_of(store: &Store, entries: Vec<Entry>, options: &Options) -> std::path::PathBuf {
    let written = layer::write(store, entries, options).unwrap();
    store.ensure_snapshot(&written).unwrap()
}

#[test]
fn random_trees_come_back_as_they_were() {
    for seed in 0..12 {
        let home = tempfile::tempdir().unwrap();
        let store = Store::open(&home.path().join("store")).unwrap();
        let source = home.path().join("source");
        fs::create_dir(&source).unwrap();
        Random(seed).tree(&source);
        for compression in [Compression::Zstd, Compression::Gzip, Compression::None] {
            let options = Options {
                epoch: None,
                compression,
            };
            let written =
                layer::write(&store, layer::walk_tree(&source).unwrap(), &options).unwrap();
            let dest = store.scratch().unwrap();
            let blob = store.open_blob(&written.blob.digest).unwrap();
            let stats = layer::unpack(blob, dest.path(), &Unpack::flat()).unwrap();
            assert_eq!(stats.diff_id, written.diff_id);
            assert_eq!(describe(dest.path()), describe(&source), "seed {seed}");
        }
    }
}

#[test]
fn same_entries_in_any_order_are_the_same_bytes() {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(&home.path().join("store")).unwrap();
    let source = home.path().join("source");
    fs::create_dir(&source).unwrap();
    Random(7).tree(&source);
    let entries = layer::walk_tree(&source).unwrap();
    let first = layer::write(&store, entries.clone(), &Options::default()).unwrap();
    let mut random = Random(1);
    for _ in 0..5 {
        let mut shuffled = entries.clone();
        for at in (1..shuffled.len()).rev() {
            shuffled.swap(at, usize::try_from(random.below(at as u64 + 1)).unwrap());
        }
        let again = layer::write(&store, shuffled, &Options::default()).unwrap();
        assert_eq!(again, first);
    }
}

#[test]
fn later_times_become_the_epoch_and_earlier_ones_stay() {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(&home.path().join("store")).unwrap();
    let mut old = Entry::file("old", 0o644, *b"old");
    old.mtime = 100;
    let mut new = Entry::file("new", 0o644, *b"new");
    new.mtime = 9_999_999;
    let options = Options {
        epoch: Some(5000),
        ..Options::default()
    };
    let tree = snapshot_of(&store, vec![new, old], &options);
    let time = |name: &str| {
        use std::os::unix::fs::MetadataExt as _;
        fs::metadata(tree.join(name)).unwrap().mtime()
    };
    assert_eq!((time("old"), time("new")), (100, 5000));
}

#[test]
fn an_upper_folder_becomes_a_snapshot_with_the_same_whiteouts() {
    if !is_root("an_upper_folder_becomes_a_snapshot_with_the_same_whiteouts") {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(&home.path().join("store")).unwrap();
    let upper = home.path().join("upper");
    fs::create_dir_all(upper.join("etc/fresh")).unwrap();
    fs::write(upper.join("etc/fresh/+first"), "x").unwrap();
    make_whiteout(&upper.join("etc/gone"));
    let attribute = match Whiteouts::of_this_process() {
        Whiteouts::Trusted => "trusted.overlay.opaque",
        Whiteouts::User => "user.overlay.opaque",
    };
    set_xattr(&upper.join("etc/fresh"), attribute, b"y");
    let entries = layer::walk_upper(&upper).unwrap();
    let kinds: Vec<_> = entries
        .iter()
        .map(|entry| (entry.path.to_str().unwrap(), entry.kind.clone()))
        .collect();
    assert_eq!(
        kinds,
        [
            ("etc", Kind::Directory),
            ("etc/fresh", Kind::Directory),
            ("etc/fresh", Kind::Opaque),
            ("etc/fresh/+first", Kind::File),
            ("etc/gone", Kind::Whiteout),
        ]
    );
    let snapshot = snapshot_of(&store, entries, &Options::default());
    assert_eq!(describe(&snapshot), describe(&upper));
}

#[test]
fn flat_unpacking_deletes_what_lower_layers_put() {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(&home.path().join("store")).unwrap();
    let lower = vec![
        Entry::directory("a", 0o755),
        Entry::file("a/old", 0o644, *b"1"),
        Entry::directory("b", 0o755),
        Entry::file("b/old", 0o644, *b"1"),
        Entry::directory("c", 0o755),
        Entry::file("c/old", 0o644, *b"1"),
        Entry::directory("d", 0o755),
        Entry::file("d/old", 0o644, *b"1"),
    ];
    let upper = vec![
        Entry::new("a/old", Kind::Whiteout, 0),
        Entry::directory("b", 0o755),
        Entry::new("b", Kind::Opaque, 0),
        Entry::file("b/new", 0o644, *b"2"),
        Entry::new("c", Kind::Whiteout, 0),
        Entry::file("d", 0o644, *b"now a file"),
    ];
    let dest = home.path().join("dest");
    fs::create_dir(&dest).unwrap();
    for entries in [lower, upper] {
        let written = layer::write(&store, entries, &Options::default()).unwrap();
        let blob = store.open_blob(&written.blob.digest).unwrap();
        layer::unpack(blob, &dest, &Unpack::flat()).unwrap();
    }
    let left: Vec<_> = describe(&dest)
        .iter()
        .map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(left, ["a folder", "b folder", "b/new file", "d file"]);
}

#[test]
fn gnu_tar_reads_what_we_write_and_we_read_what_it_writes() {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(&home.path().join("store")).unwrap();
    let source = home.path().join("source");
    fs::create_dir(&source).unwrap();
    Random(42).tree(&source);
    let tar = |arguments: &[&str], dir: &Path| {
        let status = std::process::Command::new("tar")
            .arg("--numeric-owner")
            .args(arguments)
            .stdout(std::process::Stdio::null())
            .current_dir(dir)
            .status();
        status.is_ok_and(|status| status.success())
    };
    if !tar(&["--version"], home.path()) {
        eprintln!("not run: gnu_tar_reads_what_we_write: no tar");
        return;
    }
    let options = Options {
        compression: Compression::None,
        ..Options::default()
    };
    let written = layer::write(&store, layer::walk_tree(&source).unwrap(), &options).unwrap();
    let theirs = home.path().join("theirs");
    fs::create_dir(&theirs).unwrap();
    let blob = store.blob_path(&written.blob.digest);
    let keep = ["--xattrs", "--xattrs-include=*"];
    let extract = [&keep[..], &["-xpf", blob.to_str().unwrap()]].concat();
    assert!(tar(&extract, &theirs));
    assert_eq!(describe(&theirs), describe(&source));

    for format in ["--format=gnu", "--format=pax"] {
        let archive = home.path().join("archive.tar");
        let sparse = if format == "--format=gnu" {
            &["-S"][..]
        } else {
            &keep[..]
        };
        let name = archive.to_str().unwrap();
        let arguments = [sparse, &[format, "-cf", name, "."]].concat();
        assert!(tar(&arguments, &source));
        let ours = store.scratch().unwrap();
        let file = fs::File::open(&archive).unwrap();
        layer::unpack(file, ours.path(), &Unpack::flat()).unwrap();
        let mut expected = describe(&source);
        if format == "--format=gnu" {
            // The format has no room for extended attributes.
            for line in &mut expected {
                if let Some(at) = line.find(" [(") {
                    line.replace_range(at.., " []");
                }
            }
        }
        assert_eq!(describe(ours.path()), expected, "{format}");
    }
}

#[test]
fn owners_and_limits_are_as_asked() {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(&home.path().join("store")).unwrap();
    let mut entry = Entry::file("f", 0o4755, *b"x");
    (entry.uid, entry.gid) = (4321, 4321);
    let written = layer::write(&store, vec![entry], &Options::default()).unwrap();
    let how = Unpack {
        style: Style::Flat,
        limits: Limits::default(),
        owners: Owners::Ours,
        devices: Devices::Refuse,
    };
    let dest = store.scratch().unwrap();
    let blob = store.open_blob(&written.blob.digest).unwrap();
    layer::unpack(blob, dest.path(), &how).unwrap();
    let own = rustix::process::geteuid().as_raw();
    assert!(describe(dest.path())[0].contains(&format!("4755 {own}:")));
}

/// Lower layers, and a snapshot of each.
fn two_layers(home: &Path, store: &Store) -> Vec<std::path::PathBuf> {
    let lower = home.join("lower");
    let upper = home.join("upper");
    fs::create_dir_all(&lower).unwrap();
    Random(3).tree(&lower);
    fs::create_dir_all(lower.join("kept/gone")).unwrap();
    fs::write(lower.join("kept/gone/x"), "x").unwrap();
    fs::write(lower.join("kept/hidden"), "x").unwrap();
    fs::create_dir_all(upper.join("kept")).unwrap();
    Random(4).tree(&upper);
    make_whiteout(&upper.join("kept/gone"));
    fs::create_dir_all(upper.join("fresh")).unwrap();
    [lower, upper]
        .iter()
        .map(|tree| snapshot_of(store, layer::walk_upper(tree).unwrap(), &Options::default()))
        .collect()
}

#[test]
fn flattening_shows_what_unpacking_one_over_the_other_shows() {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(&home.path().join("store")).unwrap();
    let snapshots = two_layers(home.path(), &store);
    let flat = home.path().join("flat");
    let plain = home.path().join("plain");
    for dest in [&flat, &plain] {
        fs::create_dir(dest).unwrap();
    }
    layer::flatten(&snapshots, &flat).unwrap();
    for snapshot in &snapshots {
        let entries = layer::walk_upper(snapshot).unwrap();
        let written = layer::write(&store, entries, &Options::default()).unwrap();
        let blob = store.open_blob(&written.blob.digest).unwrap();
        layer::unpack(blob, &plain, &Unpack::flat()).unwrap();
    }
    assert_eq!(describe(&flat), describe(&plain));
    assert!(!flat.join("kept/gone").exists());
    assert!(flat.join("kept/hidden").exists());
}

#[test]
fn what_compare_finds_makes_the_tree_out_of_its_parent() {
    use std::os::unix::fs::MetadataExt as _;
    for seed in 0..8 {
        let home = tempfile::tempdir().unwrap();
        let store = Store::open(&home.path().join("store")).unwrap();
        let (parent, tree) = (home.path().join("parent"), home.path().join("tree"));
        fs::create_dir(&parent).unwrap();
        fs::create_dir(&tree).unwrap();
        let mut random = Random(seed);
        random.tree(&parent);
        fs::write(parent.join("same-size-and-time"), "one").unwrap();
        fs::write(parent.join("stays"), "stays").unwrap();
        layer::flatten(std::slice::from_ref(&parent), &tree).unwrap();
        assert_eq!(layer::compare(&parent, &tree, None, None).unwrap(), []);
        let marker = home.path().join("marker");
        fs::write(&marker, "").unwrap();
        let copied_at = fs::metadata(&marker).unwrap().modified().unwrap();
        assert_eq!(
            layer::compare(&parent, &tree, Some(copied_at), None).unwrap(),
            []
        );

        let hidden = tree.join("same-size-and-time");
        let before = fs::metadata(&hidden).unwrap().modified().unwrap();
        fs::write(&hidden, "two").unwrap();
        fs::File::options()
            .write(true)
            .open(&hidden)
            .unwrap()
            .set_modified(before)
            .unwrap();
        random.tree(&tree);
        let mut names: Vec<_> = fs::read_dir(&tree)
            .unwrap()
            .map(|e| e.unwrap().path())
            .collect();
        names.sort();
        for path in names {
            let name = path.file_name().unwrap();
            if random.below(3) == 0 && name != "same-size-and-time" && name != "stays" {
                boatyard_store::remove_tree(&path).unwrap();
                if random.below(2) == 0 {
                    fs::write(&path, "now a file").unwrap();
                }
            }
        }
        let changes = layer::compare(&parent, &tree, Some(copied_at), None).unwrap();
        assert!(
            changes
                .iter()
                .any(|entry| entry.path.ends_with("same-size-and-time"))
        );
        assert!(!changes.iter().any(|entry| entry.path.ends_with("stays")));
        let written = layer::write(&store, changes, &Options::default()).unwrap();
        let snapshot = store.ensure_snapshot(&written).unwrap();
        let again = home.path().join("again");
        fs::create_dir(&again).unwrap();
        layer::flatten(&[parent, snapshot], &again).unwrap();
        assert_eq!(describe(&again), describe(&tree), "seed {seed}");
        assert_ne!(
            fs::metadata(&again).unwrap().ino(),
            fs::metadata(&tree).unwrap().ino()
        );
    }
}
