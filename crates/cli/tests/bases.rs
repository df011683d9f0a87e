//! What images can start from: both Debian releases, nothing, a folder, an archive, a registry.

#[path = "../../store/tests/distribution/mod.rs"]
mod distribution;
mod support;

use std::path::Path;
use std::process::Command;

use distribution::Registry;
use support::{alone, boatyard, kept_home, not_run, project, succeed};

/// A project that prints its Debian release, on some base.
fn on(base: &str, rest: &str) -> tempfile::TempDir {
    let text = format!(
        "[project]\nname = \"based\"\n\n[image]\nbase = {base}\n{rest}\n[service.app]\ncopy = [\"hello.txt\"]\n\
         roles = [\"web\"]\n\n[role.web]\ncommand = \"cat hello.txt\"\n"
    );
    project(&text, &[("hello.txt", "hello from the project\n")])
}

fn run(home: &Path, folder: &Path, command: &[&str]) -> String {
    succeed(boatyard(home, folder).args(["run", "--"]).args(command))
}

#[test]
fn both_debian_releases() {
    let _alone = alone();
    let home = kept_home();
    for (suite, python) in [("bookworm", "3.11"), ("trixie", "3.13")] {
        let folder = on(
            &format!("\"debian:{suite}\""),
            &format!("python = \"{python}\"\n"),
        );
        let release = run(&home, folder.path(), &["cat", "/etc/os-release"]);
        assert!(release.contains(suite), "{release}");
        let version = run(
            &home,
            folder.path(),
            &[
                "python3",
                "-c",
                "import ssl, sqlite3, zoneinfo; print(zoneinfo.ZoneInfo('UTC'))",
            ],
        );
        assert_eq!(version.trim(), "UTC");
        let audit = run(&home, folder.path(), &["dpkg", "--audit"]);
        assert_eq!(audit, "");
    }
}

#[test]
fn nothing_at_all() {
    let _alone = alone();
    let home = kept_home();
    let folder = on("\"scratch\"", "");
    // No shell, no library: init itself is the only program.
    assert_eq!(
        run(&home, folder.path(), &["boatyard-init", "roles"]).trim(),
        "web"
    );
}

#[test]
fn a_folder_an_archive_and_a_registry() {
    let _alone = alone();
    let home = kept_home();
    let first = on("\"debian:bookworm\"", "");
    succeed(boatyard(&home, first.path()).arg("build"));
    let saved = tempfile::tempdir().unwrap();
    for (format, name) in [
        ("oci", "layout"),
        ("oci-archive", "oci.tar"),
        ("docker", "docker.tar"),
    ] {
        let path = saved.path().join(name);
        succeed(
            boatyard(&home, first.path())
                .args(["image", "save", "based/app", "--format", format, "-o"])
                .arg(&path),
        );
        let key = if format == "oci" { "layout" } else { "archive" };
        let folder = on(
            &format!("{{ {key} = {:?} }}", path.display().to_string()),
            "",
        );
        assert_eq!(
            run(&home, folder.path(), &["cat", "hello.txt"]),
            "hello from the project\n"
        );
    }
    from_a_registry(&home, &saved.path().join("layout"));
}

#[test]
fn a_dockerfile() {
    let _alone = alone();
    let home = kept_home();
    let base = "{ dockerfile = \"docker/Base\", context = \"docker\", target = \"run\", args = { WORD = \"toml\" } }";
    let folder = on(base, "[service.other]\n");
    let write = |name: &str, text: &str| {
        std::fs::create_dir_all(folder.path().join("docker")).unwrap();
        std::fs::write(folder.path().join(name), text).unwrap();
    };
    let dockerfile = "FROM debian:bookworm AS run\nARG WORD\nARG MORE=none\nRUN echo $WORD $MORE > /said\n\
                      COPY . /in\nENV A=base\n\nFROM run\nRUN exit 3\n";
    write("docker/Base", dockerfile);
    write("docker/Base.dockerignore", "hidden\n");
    write("docker/hidden", "");
    write("docker/seen", "");
    let look = ["sh", "-c", "cat /said; ls /in; echo $A; id -u"];
    assert_eq!(
        run(&home, folder.path(), &look),
        "toml none\nBase\nBase.dockerignore\nseen\nbase\n10001\n"
    );
    let build = |words: &[&str]| {
        let mut command = boatyard(&home, folder.path());
        command.arg("build").args(words);
        command
    };
    // Done once, whichever verb asks; another argument is another step, one that no run before has left in the home.
    let more = format!("MORE={}", folder.path().display());
    let events = succeed(&mut build(&["--json"]));
    assert!(
        events.contains(r#""id":"base/base/run/3","outcome":"cached""#),
        "{events}"
    );
    let events = succeed(&mut build(&["--json", "--build-arg", &more, "--jobs", "1"]));
    assert!(
        events.contains(r#""id":"base/base/run/3","outcome":"done""#),
        "{events}"
    );

    // What fails has its place in the Dockerfile, and what hangs on it is named.
    write("docker/Base", &dockerfile.replace("echo $WORD", "false"));
    let said = support::fail(&mut build(&[]), 1);
    for part in [
        "docker/Base:4:1",
        "exit code 1",
        "2 images were skipped, because stage base failed: based/other:latest, based/app:latest",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    write("docker/Base", "FORM scratch\n");
    let said = support::fail(&mut build(&[]), 2);
    assert!(
        said.contains("docker/Base:1:1") && said.contains("FROM"),
        "{said}"
    );
    std::fs::rename(
        folder.path().join("docker/Base"),
        folder.path().join("docker/Bass"),
    )
    .unwrap();
    let said = support::fail(&mut build(&[]), 2);
    assert!(
        said.contains("docker/Base does not exist") && said.contains("Bass"),
        "{said}"
    );
    let said = support::fail(
        boatyard(&home, on("\"scratch\"", "").path()).args(["build", "--build-arg", "A=1"]),
        2,
    );
    assert!(said.contains("does not start from one"), "{said}");
}

/// The same through Debian's docker-registry on a free port of loopback.
fn from_a_registry(home: &Path, layout: &Path) {
    if Command::new("skopeo").arg("--version").output().is_err() {
        return not_run("skopeo is not installed");
    }
    let Some(registry) = Registry::start("a base from a registry", false) else {
        return;
    };
    let reference = registry.name("team/based:1").to_string();
    succeed(
        Command::new("skopeo")
            .args(["copy", "--quiet", "--dest-tls-verify=false"])
            .arg(format!("oci:{}", layout.display()))
            .arg(format!("docker://{reference}")),
    );
    let project = on(&format!("{reference:?}"), "");
    assert_eq!(
        run(home, project.path(), &["cat", "hello.txt"]),
        "hello from the project\n"
    );
    let missing = registry.name("team/nothing:1").to_string();
    let missing = on(&format!("{missing:?}"), "");
    let message = support::fail(boatyard(home, missing.path()).arg("build"), 2);
    assert!(message.contains("team/nothing"), "{message}");
}
