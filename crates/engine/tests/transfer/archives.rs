//! `ADD` of archives.

use std::fs;

use boatyard_store::layer::{self, Kind};

use super::tar::{Tar, bzip2, gzip, xz, zstd};
use super::world::{MOMENT, World, lines};

fn honest() -> Tar {
    Tar::default()
        .folder("./")
        .folder("d/")
        .file("d/a", "one")
        .hardlink("d/b", "d/a")
        .symlink("d/l", "a")
        .file("deep/er/c", "two")
}

const HONEST: &[&str] = &[
    "x/",
    "x/d/@750+5:6",
    "x/d/a@640+5:6=one",
    "x/d/b@640+5:6 <- x/d/a",
    "x/d/l+5:6 -> a",
    "x/deep/",
    "x/deep/er/",
    "x/deep/er/c@640+5:6=two",
];

/// What `instruction` makes of `bytes` called `name`, over the lines of `parent`.
fn add(bytes: &[u8], parent: &[&str], instruction: &str) -> Vec<String> {
    let world = World::new();
    fs::write(world.context().join("archive"), bytes).unwrap();
    let parent = world.tree(&[parent]);
    lines(&world.copy(&parent, instruction).unwrap())
}

#[test]
fn archives_are_unpacked_however_they_are_packed() {
    let plain = honest().bytes();
    for (packing, bytes) in [
        ("nothing", plain.clone()),
        ("gzip", gzip(&plain)),
        ("bzip2", bzip2(&plain)),
        ("xz", xz(&plain)),
        ("zstd", zstd(&plain)),
    ] {
        assert_eq!(add(&bytes, &[], "ADD archive /x"), HONEST, "{packing}");
    }
}

#[test]
fn what_is_no_archive_is_copied() {
    let plain = honest().bytes();
    for (what, bytes) in [
        ("nothing at all", Vec::new()),
        ("text", b"text".to_vec()),
        ("packed text", gzip(b"text")),
        ("an archive of nothing", Tar::default().bytes()),
        ("a header with a wrong sum", {
            let mut bytes = plain.clone();
            bytes[0] ^= 1;
            bytes
        }),
    ] {
        let layer = add(&bytes, &[], "ADD archive /x/");
        assert_eq!(layer.len(), 2, "{what}: {layer:?}");
        assert!(layer[1].starts_with("x/archive="), "{what}: {layer:?}");
    }
    let copied = add(&plain, &[], "COPY archive /x/");
    assert!(copied[1].starts_with("x/archive="), "{copied:?}");
}

#[test]
fn unpacking_follows_docker() {
    for (what, tar, parent, instruction, expected) in [
        (
            "--chown is for all, and for the destination that is made",
            honest(),
            &[][..],
            "ADD --chown=1:2 archive /y/x",
            &[
                "y/+1:2",
                "y/x/+1:2",
                "y/x/d/@750+1:2",
                "y/x/d/a@640+1:2=one",
                "y/x/d/b@640+1:2 <- y/x/d/a",
                "y/x/d/l+1:2 -> a",
                "y/x/deep/",
                "y/x/deep/er/",
                "y/x/deep/er/c@640+1:2=two",
            ][..],
        ),
        (
            "--chmod is for none",
            Tar::default().file("a", "1"),
            &["x/"],
            "ADD --chmod=777 archive /x",
            &["x/", "x/a@640+5:6=1"],
        ),
        (
            "folders are merged and take the archive's metadata",
            Tar::default().folder("d").file("d/a", "1"),
            &["x/", "x/d/@700+9:9", "x/d/old"],
            "ADD archive /x",
            &["x/", "x/d/@750+5:6", "x/d/a@640+5:6=1"],
        ),
        (
            "a file replaces a folder",
            Tar::default().file("d", "1"),
            &["x/", "x/d/", "x/d/old"],
            "ADD archive /x",
            &["x/", "x/d@640+5:6=1"],
        ),
        (
            "a folder replaces a file",
            Tar::default().folder("d").file("d/a", "1"),
            &["x/", "x/d=old"],
            "ADD archive /x",
            &["x/", "x/d/@750+5:6", "x/d/a@640+5:6=1"],
        ),
        (
            "a folder that was replaced and comes again is empty",
            Tar::default().file("d", "1").folder("d").file("d/a", "2"),
            &["x/", "x/d/", "x/d/old"],
            "ADD archive /x",
            &["x/", "x/d/@750+5:6", "x/d/opaque", "x/d/a@640+5:6=2"],
        ),
    ] {
        let found = add(&tar.bytes(), parent, instruction);
        assert_eq!(found, expected, "{what}");
    }
}

#[test]
fn links_of_archives_and_parents_lead_nowhere_else() {
    for (what, tar, parent, instruction, expected) in [
        (
            "links of the archive are followed below the destination",
            Tar::default()
                .symlink("l", "/etc")
                .symlink("m", "../../..")
                .file("l/a", "1")
                .file("m/b", "2"),
            &["etc/", "x/"][..],
            "ADD archive /x",
            &[
                "x/",
                "x/b@640+5:6=2",
                "x/etc/",
                "x/etc/a@640+5:6=1",
                "x/l+5:6 -> /etc",
                "x/m+5:6 -> ../../..",
            ][..],
        ),
        (
            "links of the parent are, too",
            Tar::default().file("l/a", "1"),
            &["etc/", "x/", "x/l -> /etc"],
            "ADD archive /x",
            &["x/", "x/etc/", "x/etc/a@640+5:6=1"],
        ),
        (
            "the destination's own links are followed in the root",
            Tar::default().file("a", "1"),
            &["y/", "x -> y"],
            "ADD archive /x",
            &["y/", "y/a@640+5:6=1"],
        ),
        (
            "a name that comes twice is what it was last; its other name keeps the first",
            Tar::default()
                .file("a", "1")
                .hardlink("b", "a")
                .file("a", "2"),
            &[],
            "ADD archive /",
            &["a@640+5:6=2", "b@640+5:6=1"],
        ),
        (
            "a hard link to a file of the parent",
            Tar::default().hardlink("x/b", "x/a"),
            &["x/", "x/a=old"],
            "ADD archive /",
            &["x/", "x/b@640+5:6=old"],
        ),
    ] {
        let found = add(&tar.bytes(), parent, instruction);
        assert_eq!(found, expected, "{what}");
    }
}

#[test]
fn metadata_of_archives_is_kept() {
    let world = World::new();
    let tar = Tar::default()
        .entry(b'0', "s", "", 0o4755, b"1")
        .entry(b'6', "p", "", 0o600, b"")
        .xattr("user.mark", "m")
        .file("x", "1")
        .xattr("trusted.overlay.redirect", "/etc")
        .folder("d");
    fs::write(world.context().join("archive"), tar.bytes()).unwrap();
    let parent = world.tree(&[]);
    let prepared = world.copy(&parent, "ADD archive /").unwrap();
    assert_eq!(
        lines(&prepared),
        ["d/@750+5:6", "p|@600+5:6", "s@4755+5:6=1", "x@640+5:6=1"]
    );
    let entries = prepared.entries(None);
    assert!(entries.iter().all(|entry| entry.mtime == 1_600_000_000));
    assert!(entries[0].xattrs.is_empty(), "overlayfs' own is left out");
    assert_eq!(entries[1].kind, Kind::Fifo);
    let mark = entries[3].xattrs.get(std::ffi::OsStr::new("user.mark"));
    assert_eq!(mark.map(Vec::as_slice), Some(&b"m"[..]));
    let options = layer::Options {
        epoch: Some(MOMENT),
        ..Default::default()
    };
    let layer = prepared.layer(&world.store, &options).unwrap();
    assert!(world.store.ensure_snapshot(&layer).is_ok());
}

#[test]
fn several_archives_and_files_at_once() {
    let world = World::new();
    let one = Tar::default().file("a", "1").bytes();
    fs::write(world.context().join("1.tar"), &one).unwrap();
    let two = gzip(&Tar::default().file("b", "2").bytes());
    fs::write(world.context().join("2.tgz"), two).unwrap();
    world.write(&["plain", "link.tar -> 1.tar"]);
    let parent = world.tree(&[]);
    let prepared = world.copy(&parent, "ADD *.tgz link.tar plain /x/").unwrap();
    assert_eq!(
        lines(&prepared),
        ["x/", "x/a@640+5:6=1", "x/b@640+5:6=2", "x/plain=plain"]
    );
}
