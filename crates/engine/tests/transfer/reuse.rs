//! Keys: what changes them, what does not; and files that are not read again.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, SystemTime};

use boatyard_engine::transfer::TransferError;
use boatyard_plan::digest::Digest;
use boatyard_store::layer;

use super::world::World;

const COPY: &str = "COPY d /app/";

fn key(world: &World, parent: &[&[&str]], instruction: &str) -> Digest {
    let parent = world.tree(parent);
    world.copy(&parent, instruction).unwrap().key()
}

#[test]
fn what_a_layer_depends_on_changes_its_key() {
    let lines = ["d/a=1", "d/b=2", "d/l -> a", "etc/passwd"];
    let parent: &[&[&str]] = &[&["app/", "etc/", "etc/passwd=u:x:7:8::/:"]];
    let world = World::new();
    world.write(&lines);
    let first = key(&world, parent, COPY);
    let same: [(&str, &[&[&str]], &str); 4] = [
        ("another parent", &[&["app/", "usr/", "usr/x"]], COPY),
        ("more layers", &[&["usr/"], &["app/"]], COPY),
        (
            "another way to the same place",
            &[&["app/", "l -> app"]],
            "COPY d /l/",
        ),
        (
            "the same said otherwise",
            &[&["app/"]],
            "COPY --chmod=a+r d/ /app",
        ),
    ];
    for (what, parent, instruction) in same {
        assert_eq!(key(&world, parent, instruction), first, "{what}");
    }
    let others: [(&str, &[&[&str]], &str); 6] = [
        ("the destination's mode", &[&["app/@700"]], COPY),
        ("the destination's owner", &[&["app/+1:1"]], COPY),
        ("the destination", &[&["app/"]], "COPY d /ap/"),
        (
            "where the destination leads",
            &[&["opt/", "app -> opt"]],
            COPY,
        ),
        ("an owner", parent, "COPY --chown=u d /app/"),
        ("what is copied", &[&["app/"]], "COPY d etc /app/"),
    ];
    for (what, parent, instruction) in others {
        assert_ne!(key(&world, parent, instruction), first, "{what}");
    }
    let change = |what: &str, change: &dyn Fn(&World)| {
        let world = World::new();
        world.write(&lines);
        assert_eq!(key(&world, parent, COPY), first, "{what}: before");
        change(&world);
        assert_ne!(key(&world, parent, COPY), first, "{what}");
    };
    let at = |world: &World, name: &str| world.context().join("d").join(name);
    change("a content", &|world| {
        fs::write(at(world, "a"), "3").unwrap();
    });
    change("a mode", &|world| {
        fs::set_permissions(at(world, "a"), fs::Permissions::from_mode(0o600)).unwrap();
    });
    change("a name", &|world| {
        fs::rename(at(world, "a"), at(world, "c")).unwrap();
    });
    change("a file more", &|world| {
        fs::write(at(world, "c"), "").unwrap();
    });
    change("a link's target", &|world| {
        fs::remove_file(at(world, "l")).unwrap();
        std::os::unix::fs::symlink("b", at(world, "l")).unwrap();
    });
    change("an attribute", &|world| {
        let name = "user.mark";
        rustix::fs::setxattr(at(world, "a"), name, b"1", rustix::fs::XattrFlags::empty()).unwrap();
    });
    change("a file that becomes a hard link", &|world| {
        fs::write(at(world, "b"), "1").unwrap();
        fs::remove_file(at(world, "b")).unwrap();
        fs::hard_link(at(world, "a"), at(world, "b")).unwrap();
    });
}

#[test]
fn times_do_not_change_the_key() {
    let world = World::new();
    world.write(&["d/a"]);
    let first = key(&world, &[], COPY);
    let file = File::options()
        .write(true)
        .open(world.context().join("d/a"))
        .unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(5))
        .unwrap();
    assert_eq!(key(&world, &[], COPY), first);
}

#[test]
fn names_keep_who_they_are_on_another_parent() {
    let world = World::new();
    world.write(&["a"]);
    let one: &[&str] = &["etc/", "etc/passwd=u:x:7:8::/:"];
    let two: &[&str] = &["etc/", "etc/passwd=v:x:1:1::/:\nu:x:7:8::/home/u:/bin/sh\n"];
    let three: &[&str] = &["etc/", "etc/passwd=u:x:7:9::/:"];
    let copy = "COPY --chown=u a /b";
    assert_eq!(key(&world, &[one], copy), key(&world, &[two], copy));
    assert_ne!(key(&world, &[one], copy), key(&world, &[three], copy));
}

#[test]
fn a_file_that_changes_after_it_was_read_is_an_error() {
    let world = World::new();
    world.write(&["d/a=1"]);
    let parent = world.tree(&[]);
    let prepared = world.copy(&parent, COPY).unwrap();
    fs::remove_file(world.context().join("d/a")).unwrap();
    fs::write(world.context().join("d/a"), "2").unwrap();
    let written = prepared.layer(&world.store, &layer::Options::default());
    assert!(
        matches!(written, Err(TransferError::Changed { .. })),
        "{written:?}"
    );
}

/// The only file of the stat cache.
fn cache(world: &World) -> Option<std::path::PathBuf> {
    let mut files = fs::read_dir(world.store.root().join("stat")).ok()?;
    Some(files.next()?.unwrap().path())
}

/// Its records are 88 bytes each, between 16 and 32.
fn records(world: &World) -> usize {
    cache(world).map_or(0, |path| (fs::read(path).unwrap().len() - 48) / 88)
}

#[test]
fn files_that_are_too_young_to_trust_are_not_recorded() {
    let world = World::new();
    world.write(&["d/a"]);
    key(&world, &[], COPY);
    assert_eq!(records(&world), 0);
}

#[test]
fn files_that_are_known_are_not_read() {
    // An old file that no test can make: changing a file, or its time, is a change now. This program is one.
    let program = std::env::current_exe().unwrap();
    let age = fs::metadata(&program).unwrap().modified().unwrap();
    if age.elapsed().unwrap_or_default() < Duration::from_secs(10) {
        eprintln!("skipped: this program was built a moment ago");
        return;
    }
    let world = World::new();
    let folder = program.parent().unwrap();
    let name = program.file_name().unwrap().to_str().unwrap();
    let context = boatyard_engine::transfer::Place::folder(folder, None);
    let op = super::world::op(&format!("COPY {name} /x"));
    let parent = world.tree(&[]);
    let prepare = || {
        let downloads = world.downloads();
        boatyard_engine::transfer::prepare(&op, &context, &parent, &world.store, &downloads)
            .unwrap()
            .key()
    };
    let honest = prepare();
    assert_eq!(records(&world), 1);
    // A record that says something else is believed: the file was not read.
    let path = cache(&world).unwrap();
    let bytes = fs::read(&path).unwrap();
    let mut forged = bytes.clone();
    let end = forged.len() - 32;
    forged[end - 1] ^= 1;
    let sum = Digest::of(&forged[16..end]).hash();
    forged[end..].copy_from_slice(&sum);
    fs::write(&path, &forged).unwrap();
    assert_ne!(prepare(), honest, "it was read again");
    // One that is damaged is not.
    forged[20] ^= 1;
    fs::write(&path, &forged).unwrap();
    assert_eq!(prepare(), honest, "damage was believed");
}
