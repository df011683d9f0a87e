//! `ADD` of Git repositories.

use std::fs;
use std::path::Path;
use std::process::Command;

use boatyard_engine::transfer::TransferError;
use boatyard_plan::failure::Failure as _;

use super::world::{World, lines};

/// Runs `git` in a folder, as nobody in particular and at a fixed time.
fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["-c", "user.name=a", "-c", "user.email=a@example.com"])
        .args([
            "-c",
            "init.defaultBranch=main",
            "-c",
            "protocol.file.allow=always",
        ])
        .args(arguments)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_AUTHOR_DATE", "1600000000 +0000")
        .env("GIT_COMMITTER_DATE", "1600000000 +0000")
        .output()
        .expect("these tests need git");
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A repository with two commits on main, a tag on the first, a branch beside; gives its address.
fn repository(world: &World) -> String {
    let folder = world.folder.path().join("origin.git");
    fs::create_dir_all(folder.join("docs/deep")).unwrap();
    git(&folder, &["init", "--quiet"]);
    fs::write(folder.join("a"), "one").unwrap();
    fs::write(folder.join("docs/deep/b"), "two").unwrap();
    std::os::unix::fs::symlink("deep/b", folder.join("docs/l")).unwrap();
    git(&folder, &["add", "."]);
    git(&folder, &["commit", "--quiet", "-m", "first"]);
    git(&folder, &["tag", "-a", "v1", "-m", "first"]);
    git(&folder, &["branch", "side"]);
    fs::write(folder.join("a"), "three").unwrap();
    git(&folder, &["commit", "--quiet", "-a", "-m", "second"]);
    format!("file://{}", folder.display())
}

#[test]
fn repositories_are_checked_out() {
    let world = World::new();
    let url = repository(&world);
    let first = git(
        &world.folder.path().join("origin.git"),
        &["rev-parse", "side"],
    );
    let parent = world.tree(&[&["x/@700"]]);
    let old = [
        "x/@700",
        "x/a=one",
        "x/docs/",
        "x/docs/deep/",
        "x/docs/deep/b=two",
        "x/docs/l -> deep/b",
    ];
    let mut new = old;
    new[1] = "x/a=three";
    for (address, expected) in [
        (url.clone(), &new[..]),
        (format!("{url}#main"), &new),
        (format!("{url}#side"), &old),
        (format!("{url}#v1"), &old),
        (format!("{url}#refs/tags/v1"), &old),
        (format!("{url}?branch=side"), &old),
        (format!("{url}#{first}"), &old),
        (format!("{url}#main:docs/deep"), &["x/@700", "x/b=two"]),
        (
            format!("{url}#:docs"),
            &["x/@700", "x/deep/", "x/deep/b=two", "x/l -> deep/b"],
        ),
    ] {
        let prepared = world.copy(&parent, &format!("ADD {address} /x")).unwrap();
        assert_eq!(lines(&prepared), expected, "{address}");
        let times = prepared.entries(None);
        assert!(
            times.iter().all(|entry| entry.mtime == 1_600_000_000),
            "{address}"
        );
    }
    let kept = format!("ADD --keep-git-dir --chown=1:2 {url} /new");
    let prepared = world.copy(&parent, &kept).unwrap();
    let is_head = |line: &String| line.starts_with("new/.git/HEAD+1:2=");
    assert!(lines(&prepared).iter().any(is_head));
    assert_eq!(lines(&prepared)[0], "new/+1:2");
    assert_eq!(
        prepared.key(),
        world.copy(&parent, &kept).unwrap().key(),
        "a second clone of the same commit"
    );
}

#[test]
fn commits_are_held_against_the_checksum() {
    let world = World::new();
    let url = repository(&world);
    let origin = world.folder.path().join("origin.git");
    let main = git(&origin, &["rev-parse", "main"]);
    let side = git(&origin, &["rev-parse", "side"]);
    let parent = world.tree(&[]);
    let add = |checksum: &str| world.copy(&parent, &format!("ADD --checksum={checksum} {url} /x"));
    add(&main).unwrap();
    add(&main[..12]).unwrap();
    let refused = add(&side);
    assert!(
        matches!(refused, Err(TransferError::WrongChecksum { .. })),
        "{refused:?}"
    );
}

#[test]
fn what_a_repository_lacks_is_said() {
    let world = World::new();
    let url = repository(&world);
    let parent = world.tree(&[]);
    for (address, expected) in [
        (
            format!("{url}#nothing"),
            "has no branch, tag or commit \"nothing\"",
        ),
        (
            format!("{url}?depth=1"),
            "has \"depth=1\", which means nothing",
        ),
        (format!("{url}#main:doc"), "there is no \"doc\" to copy"),
        (format!("{url}/no.git"), "git ls-remote of "),
    ] {
        let error = world
            .copy(&parent, &format!("ADD {address} /x"))
            .unwrap_err();
        assert!(error.to_string().contains(expected), "{address}: {error}");
        assert!(error.help().is_some(), "{address}");
    }
}
