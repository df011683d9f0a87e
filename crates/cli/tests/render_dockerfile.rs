//! `boatyard render dockerfile`: what it prints is built, and what was built starts.

mod support;

use std::process::Command;

use support::{boatyard, is_root, kept_home, not_run, project, succeed};

/// The project's own Dockerfile, built from Debian's packages by the builder of Dockerfiles.
#[test]
fn a_projects_dockerfile_is_built_and_starts() {
    let text = "[project]\nname = \"rendered\"\n[service.app]\ncopy = [\"data\"]\n[role.web]\ncommand = \"cat data/word; id -u\"\n[job.show]\ncommand = \"cat data/word\"\n";
    let project = project(text, &[("data/word", "it's here\n")]);
    let out = tempfile::tempdir().unwrap();
    let at = out.path().display().to_string();
    let home = kept_home();
    succeed(boatyard(&home, project.path()).args(["render", "dockerfile", "-o", &at]));
    let context = format!("boatyard-init={at}");
    let file = format!("{at}/Dockerfile");
    succeed(boatyard(&home, project.path()).args([
        "build",
        "--debian-base",
        "-q",
        "-f",
        &file,
        "--build-context",
        &context,
        "-t",
        "rendered-test:1",
        ".",
    ]));
    let inspected =
        succeed(boatyard(&home, project.path()).args(["image", "inspect", "rendered-test:1"]));
    for part in [
        "10001:10001",
        "/usr/bin/boatyard-init",
        "dev.boatyard.project",
    ] {
        assert!(inspected.contains(part), "{part}: {inspected}");
    }
    // The init reads its contract, finds the role, and runs it as the user.
    let said = succeed(boatyard(&home, project.path()).args(["run", "rendered-test:1"]));
    assert_eq!(said, "it's here\n10001\n");
}

/// The form of a Dockerfile for Kubernetes, built by buildah.
#[test]
fn buildah_builds_the_form_of_a_dockerfile() {
    let there = Command::new("buildah").arg("--version").output();
    if !there.is_ok_and(|output| output.status.success()) || !is_root() {
        not_run("buildah is not here, or we are not root");
        return;
    }
    let project = project(
        "",
        &[
            (
                "Dockerfile",
                "FROM scratch\nCOPY word /word\nHEALTHCHECK CMD [\"/x\"]\nCMD [\"/x\"]\n",
            ),
            ("word", "here\n"),
        ],
    );
    let here = project.path();
    let out = tempfile::tempdir().unwrap();
    let at = out.path().display().to_string();
    succeed(boatyard(&kept_home(), here).args([
        "render",
        "dockerfile",
        "-f",
        "Dockerfile",
        "-o",
        &at,
    ]));
    let conf = out.path().join("storage.conf");
    let text = format!(
        "[storage]\ndriver = \"vfs\"\ngraphroot = \"{at}/graph\"\nrunroot = \"{at}/run\"\n"
    );
    std::fs::write(&conf, text).unwrap();
    let mut build = Command::new("buildah");
    build.args(["bud", "--isolation", "chroot", "--build-context"]);
    build
        .arg(format!("boatyard-init={at}"))
        .arg("-f")
        .arg(out.path().join("Dockerfile"));
    build
        .arg("--output")
        .arg(format!("type=local,dest={at}/root"))
        .arg(here);
    build
        .env("STORAGE_DRIVER", "vfs")
        .env("CONTAINERS_STORAGE_CONF", conf);
    succeed(&mut build);
    let init = out.path().join("root/usr/bin/boatyard-init");
    let version = succeed(Command::new(init).arg("--version"));
    assert!(version.starts_with("boatyard-init "), "{version}");
    assert!(out.path().join("root/word").exists());
}
