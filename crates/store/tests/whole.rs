//! The store stays whole: killed processes, damaged files, several processes at once, garbage.

mod image;

use std::fs;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use boatyard_plan::digest::Digest;
use boatyard_plan::failure::Failure as _;
use boatyard_plan::reference::Reference;
use boatyard_store::layer::{self, Entry, LayerError, Options};
use boatyard_store::{DiskError, Store, StoreError};
use image::image;

fn reference(text: &str) -> Reference {
    text.parse().unwrap()
}

#[test]
fn blobs_are_verified_on_their_way_in_and_out() {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(home.path()).unwrap();
    let digest = store.put_blob(b"hello").unwrap();
    assert_eq!(digest, Digest::of(b"hello"));
    assert_eq!(store.read_blob(&digest).unwrap(), b"hello");
    let other = Digest::of(b"other");
    let missing = store.read_blob(&other).unwrap_err();
    assert!(
        matches!(missing, StoreError::MissingBlob { .. }),
        "{missing}"
    );
    for (bytes, size) in [
        (&b"othex"[..], 5),
        (b"othe", 5),
        (b"other!", 5),
        (b"other", 4),
    ] {
        let refused = store.import_blob(bytes, Some((&other, size))).unwrap_err();
        assert!(
            matches!(refused, StoreError::NotAsPromised { .. }),
            "{refused}"
        );
        assert!(refused.help().is_some());
        assert!(!store.has_blob(&other));
    }
    let taken = store.import_blob(&b"other"[..], Some((&other, 5))).unwrap();
    assert_eq!(taken, (other, 5));
    fs::write(store.blob_path(&digest), "hallo").unwrap();
    let damaged = store.read_blob(&digest).unwrap_err();
    assert!(
        matches!(damaged, StoreError::DamagedBlob { .. }),
        "{damaged}"
    );
}

#[test]
fn names_lead_to_images_until_they_are_taken_away() {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(home.path()).unwrap();
    let (first, layer) = image(&store, "first");
    let (second, _) = image(&store, "second");
    let name = reference("127.0.0.1:5000/team/app:1.2");
    store.tag(&name, &first).unwrap();
    store.tag(&reference("other"), &first).unwrap();
    store.tag(&name, &second).unwrap();
    assert_eq!(store.resolve(&name).unwrap(), Some(second.clone()));
    let by_digest = reference(&format!("some/where@{}", first.digest));
    assert_eq!(store.resolve(&by_digest).unwrap(), Some(first.clone()));
    assert_eq!(
        store.images().unwrap(),
        [
            (reference("other:latest"), first.clone()),
            (name.clone(), second)
        ]
    );
    let manifest = store.manifest(&first).unwrap();
    assert_eq!(store.layers(&manifest).unwrap(), [layer]);
    assert!(store.untag(&name).unwrap());
    assert!(!store.untag(&name).unwrap());
    assert_eq!(store.resolve(&name).unwrap(), None);
}

#[test]
fn many_handles_tag_at_once_and_no_name_is_lost() {
    let home = tempfile::tempdir().unwrap();
    let (manifest, _) = image(&Store::open(home.path()).unwrap(), "x");
    std::thread::scope(|scope| {
        for number in 0..8 {
            let (manifest, path) = (&manifest, home.path());
            scope.spawn(move || {
                let store = Store::open(path).unwrap();
                let name = reference(&format!("name{number}"));
                store.tag(&name, manifest).unwrap();
            });
        }
    });
    let store = Store::open(home.path()).unwrap();
    assert_eq!(store.images().unwrap().len(), 8);
}

#[test]
fn what_killed_processes_leave_is_swept_and_what_living_ones_have_is_not() {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(home.path()).unwrap();
    let mine = store.scratch().unwrap();
    fs::write(mine.path().join("work"), "x").unwrap();
    let dead = home.path().join("tmp/999.0");
    fs::create_dir_all(dead.join("half")).unwrap();
    fs::write(dead.join("half/blob"), "half a blob").unwrap();
    let again = Store::open(home.path()).unwrap();
    assert!(again.leftovers().is_empty());
    assert!(!dead.exists());
    assert!(mine.path().join("work").exists());
    let path = mine.path().to_path_buf();
    drop(mine);
    assert!(!path.exists());
}

#[test]
fn an_action_that_cannot_be_read_is_a_miss() {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(home.path()).unwrap();
    let key = "ab12cd";
    assert_eq!(store.action::<Vec<String>>(key), None);
    store.put_action(key, &vec!["x", "y"]).unwrap();
    assert_eq!(
        store.action(key),
        Some(vec!["x".to_owned(), "y".to_owned()])
    );
    let path = home.path().join("actions/ab/ab12cd");
    let whole = fs::read(&path).unwrap();
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        assert_eq!(store.action::<Vec<String>>(key), None, "{length} bytes");
    }
    for garbage in [
        "\0\0\0\0",
        "{\"format\":2,\"value\":[]}",
        "{\"format\":1,\"value\":7}",
    ] {
        fs::write(&path, garbage).unwrap();
        assert_eq!(store.action::<Vec<String>>(key), None, "{garbage}");
    }
    for bad in ["", "ab", "../../etc/passwd", "a/b/c", ".hidden", "abc.lock"] {
        let refused = store.put_action(bad, &1).unwrap_err();
        assert!(matches!(refused, StoreError::BadKey { .. }), "{bad}");
    }
}

#[test]
fn one_thread_at_a_time_works_on_a_key() {
    let home = tempfile::tempdir().unwrap();
    let inside = AtomicU32::new(0);
    let waited = AtomicU32::new(0);
    let done = AtomicU32::new(0);
    let start = std::sync::Barrier::new(6);
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                let store = Store::open(home.path()).unwrap();
                start.wait();
                for _ in 0..20 {
                    let _turn = store
                        .lock_action_or("the-key", || {
                            waited.fetch_add(1, Ordering::Relaxed);
                        })
                        .unwrap();
                    assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                    std::thread::yield_now();
                    inside.fetch_sub(1, Ordering::SeqCst);
                    done.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(done.into_inner(), 120);
    assert!(!home.path().join("actions/th/the-key.lock").exists());
}

/// Runs this test binary again as another process that holds a lock until its standard input ends.
#[test]
fn another_process_holds_a_key_until_it_ends() {
    const HOME: &str = "BOATYARD_TEST_HOLDER";
    if let Ok(home) = std::env::var(HOME) {
        let store = Store::open(home.as_ref()).unwrap();
        let _turn = store.lock_action("the-key").unwrap();
        println!("locked");
        std::io::copy(&mut std::io::stdin(), &mut std::io::sink()).unwrap();
        // Not dropped: as if it had been killed.
        std::process::exit(0);
    }
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(home.path()).unwrap();
    let mut holder = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "another_process_holds_a_key_until_it_ends",
            "--nocapture",
        ])
        .env(HOME, home.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(holder.stdout.take().unwrap()));
    assert!(lines.any(|line| line.unwrap().contains("locked")));
    let mut stdin = holder.stdin.take();
    let mut waited = false;
    let turn = store
        .lock_action_or("the-key", || {
            waited = true;
            // Only now may the other one end.
            stdin.take();
        })
        .unwrap();
    assert!(waited);
    assert!(holder.wait().unwrap().success());
    drop(turn);
}

#[test]
fn snapshots_count_until_the_next_boot() {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(home.path()).unwrap();
    let (_, layer) = image(&store, "text");
    assert_eq!(store.snapshot(&layer.diff_id), None);
    let tree = store.ensure_snapshot(&layer).unwrap();
    assert_eq!(store.snapshot(&layer.diff_id), Some(tree.clone()));
    let stamp = tree.parent().unwrap().join("stamp");
    for stale in ["{\"boot\":\"another\",\"durable\":false}", "", "{\"boot\""] {
        fs::write(&stamp, stale).unwrap();
        fs::write(tree.join("text"), "").unwrap();
        // No process outlives a boot.
        let store = Store::open(home.path()).unwrap();
        assert_eq!(store.snapshot(&layer.diff_id), None, "{stale:?}");
        assert_eq!(store.ensure_snapshot(&layer).unwrap(), tree);
        assert_eq!(fs::read_to_string(tree.join("text")).unwrap(), "text");
    }
    let scratch = store.scratch().unwrap();
    let mine = scratch.new_dir("mine").unwrap();
    fs::write(mine.join("other"), "").unwrap();
    assert_eq!(store.adopt_snapshot(&layer.diff_id, &mine).unwrap(), tree);
    assert!(!mine.exists(), "the one that was first stays");
    assert!(tree.join("text").exists());
    drop((scratch, store));
    let left = fs::read_dir(home.path().join("tmp")).unwrap().count();
    assert_eq!(
        left, 0,
        "what was not needed is removed when the store is closed"
    );
}

#[test]
fn a_layer_that_is_not_what_its_image_says_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(home.path()).unwrap();
    let (_, mut layer) = image(&store, "text");
    layer.diff_id = Digest::of(b"something else");
    let refused = store.ensure_snapshot(&layer).unwrap_err();
    assert!(
        matches!(refused, StoreError::WrongLayer { .. }),
        "{refused}"
    );
    assert_eq!(store.snapshot(&layer.diff_id), None);
    let path = store.blob_path(&layer.blob.digest);
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let refused = store.ensure_snapshot(&layer).unwrap_err();
    assert!(matches!(refused, StoreError::Unpack { .. }), "{refused}");
}

#[test]
fn a_store_that_cannot_be_written_says_why() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("file");
    fs::write(&file, "").unwrap();
    let refused = Store::open(&file.join("store")).unwrap_err();
    assert!(
        refused.to_string().contains("cannot create folder"),
        "{refused}"
    );
    let store = Store::open(home.path()).unwrap();
    fs::write(home.path().join("index.json"), "{").unwrap();
    let refused = store.images().unwrap_err();
    assert!(
        matches!(refused, StoreError::MalformedFile { .. }),
        "{refused}"
    );
    assert!(refused.help().unwrap().contains("index.json"));
}

/// Runs this test binary again with a store on a tmpfs of 2 MB, in a mount namespace of its own.
#[test]
fn a_full_disk_is_named_and_loses_nothing() {
    const TEST: &str = "a_full_disk_is_named_and_loses_nothing";
    const HOME: &str = "BOATYARD_TEST_SMALL_DISK";
    if let Ok(home) = std::env::var(HOME) {
        let store = Store::open(home.as_ref()).unwrap();
        let (kept, layer) = image(&store, "kept");
        store.tag(&reference("kept"), &kept).unwrap();
        let noise: String = (0..1_000_000_u32)
            .map(|n| n.wrapping_mul(2_654_435_761).to_string())
            .collect();
        let entries = || vec![Entry::file("noise", 0o644, noise.as_bytes())];
        let refused = layer::write(&store, entries(), &Options::default()).unwrap_err();
        let full = matches!(refused, LayerError::Disk(DiskError::Full { .. }));
        assert!(full, "{refused}");
        assert!(refused.help().unwrap().contains("prune"));
        let refused = store.import_blob(noise.as_bytes(), None).unwrap_err();
        let full = matches!(refused, StoreError::Disk(DiskError::Full { .. }));
        assert!(full, "{refused}");
        // What failed has given back its space.
        assert_eq!(store.resolve(&reference("kept")).unwrap(), Some(kept));
        store.ensure_snapshot(&layer).unwrap();
        assert_eq!(boatyard_store::prune::fsck(&store).unwrap(), []);
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let script = "mount -t tmpfs -o size=2m none \"$1\" || exit 77; exec \"$0\" --exact \"$2\"";
    let child = Command::new("unshare")
        .args(["-m", "sh", "-c", script])
        .arg(std::env::current_exe().unwrap())
        .arg(home.path())
        .arg(TEST)
        .env(HOME, home.path())
        .output();
    match child {
        Ok(child) if child.status.success() => {}
        Ok(child) if matches!(child.status.code(), Some(1 | 77)) && child.stdout.is_empty() => {
            eprintln!("not run: {TEST}: cannot mount a small disk");
        }
        Ok(child) => panic!("{}", String::from_utf8_lossy(&child.stdout)),
        Err(_) => eprintln!("not run: {TEST}: no unshare"),
    }
}
