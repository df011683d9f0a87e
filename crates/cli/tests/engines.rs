//! `--engine`: buildah and podman for real where they are, docker by a stand-in that writes down what it is told.

mod support;

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use support::{boatyard, fail, is_root, kept_home, not_run, project, succeed};

/// A folder with a Dockerfile that needs no other image.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let text = "FROM scratch AS first\nCOPY a /a\nFROM first\nARG B=none\nLABEL b=$B\nCOPY a /c\n";
    std::fs::write(folder.path().join("Dockerfile"), text).unwrap();
    std::fs::write(folder.path().join("a"), "content\n").unwrap();
    folder
}

/// A build in a store of its own, isolated as little as an ordinary container permits.
fn build(here: &Path, engine: &str, words: &[&str]) -> Command {
    let mut command = boatyard(&kept_home(), here);
    command.args(["build", "--engine", engine]).args(words);
    command
        .env("STORAGE_DRIVER", "vfs")
        .env("BUILDAH_ISOLATION", "chroot");
    let conf = here.join("storage.conf");
    let at = here.display();
    let text = format!(
        "[storage]\ndriver = \"vfs\"\ngraphroot = \"{at}/graph\"\nrunroot = \"{at}/run\"\n"
    );
    std::fs::write(&conf, text).unwrap();
    command.env("CONTAINERS_STORAGE_CONF", conf);
    command
}

#[test]
fn podman_and_buildah_build_the_same_file() {
    for engine in ["podman", "buildah"] {
        let there = Command::new(engine)
            .arg("--version")
            .output()
            .is_ok_and(|output| output.status.success());
        if !there || !is_root() {
            not_run(&format!("{engine} is not here, or we are not root"));
            continue;
        }
        let folder = folder();
        let here = folder.path();
        // The whole context is copied: what the engine keeps must not be in it.
        std::fs::write(here.join(".dockerignore"), "graph\nrun\nout*\n").unwrap();
        let words = [
            "-t",
            "engine-test:1",
            "--build-arg",
            "B=said",
            "--target",
            "first",
            "--jobs",
            "1",
            "--iidfile",
            "out.id",
            ".",
        ];
        succeed(&mut build(here, engine, &words));
        let id = std::fs::read_to_string(here.join("out.id")).unwrap();
        assert!(id.starts_with("sha256:"), "{engine}: {id}");
        succeed(&mut build(
            here,
            engine,
            &["--output", "type=local,dest=out", "."],
        ));
        assert_eq!(
            std::fs::read_to_string(here.join("out/c")).unwrap(),
            "content\n",
            "{engine}"
        );
        // What fails there fails here, with our code for it.
        let told = fail(&mut build(here, engine, &["--target", "none", "."]), 1);
        assert!(!told.is_empty(), "{engine}");
        let told = fail(&mut build(here, engine, &["--compression", "gzip", "."]), 2);
        assert!(
            told.contains(&format!("{engine} has no word for --compression")),
            "{told}"
        );
    }
}

#[test]
fn docker_is_told() {
    let folder = folder();
    let here = folder.path();
    let stand_in = here.join("bin/docker");
    std::fs::create_dir(here.join("bin")).unwrap();
    std::fs::write(
        &stand_in,
        "#!/bin/sh\n# Stands in for docker: writes down what it is told.\nprintf '%s\\n' \"$@\"\n",
    )
    .unwrap();
    std::fs::set_permissions(&stand_in, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", here.join("bin").display());
    let words = [
        "-t",
        "a",
        "--push",
        "--secret",
        "id=a,src=a",
        "--cache-to",
        "c",
        "--network",
        "host",
        "--pull",
        ".",
    ];
    let told = succeed(build(here, "docker", &words).env("PATH", path));
    let expected = "build\n--tag=a:latest\n--secret=id=a,src=a\n--network=host\n--pull\n--cache-to=type=local,dest=c\n--push\n.\n";
    assert_eq!(told, expected);

    let told = fail(build(here, "docker", &["."]).env("PATH", "/nowhere"), 3);
    assert!(
        told.contains("cannot run docker") && told.contains("install docker"),
        "{told}"
    );
}

#[test]
fn only_dockerfiles_are_handed_over() {
    let project = project(
        "[project]\nname = \"shop\"\n\n[role.web]\ncommand = \"true\"\n",
        &[(".s2i/x", "")],
    );
    for (words, what) in [
        (&[][..], "a project"),
        (&["a==1"], "a release"),
        (&["."], "an S2I repository"),
    ] {
        let told = fail(&mut build(project.path(), "podman", words), 2);
        assert!(
            told.contains(&format!("podman cannot build {what}")),
            "{told}"
        );
    }
}
