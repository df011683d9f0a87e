//! Archives made to do harm.

use std::fs;

use boatyard_engine::transfer::TransferError;
use boatyard_store::layer;

use super::tar::{Tar, gzip};
use super::world::{World, everything_below, lines};

#[test]
fn hostile_archives_are_refused_and_nothing_is_written_outside() {
    let long = "a/".repeat(60);
    for (what, bytes, expected) in [
        (
            "a name that climbs",
            Tar::default().file("../evil", "1").bytes(),
            "the archive /archive has an entry \"../evil\" that leads out of it",
        ),
        (
            "a name that climbs later",
            Tar::default().file("a/../../evil", "1").bytes(),
            "the archive /archive has an entry \"a/../../evil\" that leads out of it",
        ),
        (
            "a hard link that climbs",
            Tar::default().hardlink("a", "../../etc/passwd").bytes(),
            "the archive /archive has an entry \"../../etc/passwd\" that leads out of it",
        ),
        (
            "a hard link to what is not there",
            Tar::default().hardlink("a", "etc/shadow").bytes(),
            "the archive /archive links a to etc/shadow, which is not in it",
        ),
        (
            "a hard link to a folder",
            Tar::default().folder("d").hardlink("a", "d").bytes(),
            "the archive /archive links a to d, which is not in it",
        ),
        (
            "overlayfs' mark of a removal",
            Tar::default().entry(b'3', "etc", "", 0o600, b"").bytes(),
            "the archive /archive has etc, which would mark a removal",
        ),
        (
            "cut off in a file",
            Tar::default().file("a", &long).bytes()[..600].to_vec(),
            "cannot unpack /archive",
        ),
        (
            "garbage after the first entry",
            [
                Tar::default().file("a", "1").bytes()[..1024].to_vec(),
                vec![7; 512],
            ]
            .concat(),
            "cannot unpack /archive",
        ),
        (
            "an unknown kind of entry",
            Tar::default()
                .file("a", "1")
                .entry(b'Q', "b", "", 0, b"")
                .bytes(),
            "cannot unpack /archive",
        ),
        (
            "a packing that breaks off",
            {
                let packed = gzip(&Tar::default().file("a", &"xyz".repeat(90_000)).bytes());
                packed[..packed.len() / 2].to_vec()
            },
            "cannot unpack /archive",
        ),
    ] {
        let world = World::new();
        fs::write(world.context().join("archive"), bytes).unwrap();
        let parent = world.tree(&[&["x/"]]);
        world.copy(&parent, "COPY archive /x/").unwrap();
        let before = everything_below(world.folder.path());
        let error = match world.copy(&parent, "ADD archive /x/") {
            Ok(prepared) => panic!("{what}: not refused, but {:?}", lines(&prepared)),
            Err(error) => error,
        };
        assert_eq!(error.to_string(), expected, "{what}");
        assert_eq!(everything_below(world.folder.path()), before, "{what}");
    }
}

#[test]
fn names_of_removals_cannot_be_copied_into_a_layer() {
    let world = World::new();
    let tar = Tar::default().file("d/.wh.a", "1").bytes();
    fs::write(world.context().join("archive"), tar).unwrap();
    let parent = world.tree(&[&["d/", "d/a"]]);
    let prepared = world.copy(&parent, "ADD archive /").unwrap();
    let written = prepared.layer(&world.store, &layer::Options::default());
    assert!(
        matches!(written, Err(TransferError::Layer(_))),
        "{written:?}"
    );
}

#[test]
fn links_of_a_context_read_nothing_outside() {
    let world = World::new();
    fs::write(world.folder.path().join("secret"), "secret").unwrap();
    world.write(&["a", "up -> ../secret", "d/out -> ../../secret"]);
    let outside = world.folder.path().join("secret");
    std::os::unix::fs::symlink(&outside, world.context().join("absolute")).unwrap();
    let parent = world.tree(&[]);
    for instruction in [
        "COPY up /x",
        "COPY absolute /x",
        "COPY d/out /x",
        "ADD up /x",
    ] {
        let refused = world.copy(&parent, instruction);
        assert!(
            matches!(refused, Err(TransferError::DeadLink { .. })),
            "{instruction}"
        );
    }
}
