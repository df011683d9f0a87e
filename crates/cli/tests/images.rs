//! Images to and from a registry with a password, and on another base, as people do it.

#[path = "../../store/tests/distribution/mod.rs"]
mod distribution;
mod support;

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use distribution::Registry;
use support::{alone, boatyard, fail, new_home, output, succeed, text};

/// Builds a Dockerfile beside some files.
fn build(home: &Path, tag: &str, dockerfile: &str, files: &[(&str, &str)]) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("Dockerfile"), dockerfile).unwrap();
    for (name, content) in files {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    succeed(boatyard(home, folder.path()).args(["build", "-f", "Dockerfile", "-t", tag, "."]));
}

fn inspect(home: &Path, image: &str) -> serde_json::Value {
    let said = succeed(boatyard(home, home).args(["image", "inspect", "--json", image]));
    serde_json::from_str(&said).unwrap()
}

/// Two releases of a base, and an application on the first.
fn images(home: &Path) {
    for release in ["1", "2"] {
        let dockerfile =
            format!("FROM scratch\nCOPY os /os\nENV PATH=/bin{release} RELEASE={release}\n");
        let tag = format!("team/base:{release}");
        build(home, &tag, &dockerfile, &[("os", release)]);
        let dockerfile = format!(
            "FROM team/base:{release}\nCOPY app /app\nENV PATH=/app:$PATH MINE=1\nCMD [\"/app\"]\n"
        );
        let tag = format!("team/app:{release}");
        build(home, &tag, &dockerfile, &[("app", "the application")]);
    }
}

#[test]
fn an_image_moves_to_a_new_base() {
    let _alone = alone();
    let home = new_home();
    let home = home.path();
    images(home);
    let run = |words: &[&str]| succeed(boatyard(home, home).arg("image").args(words));
    let rebase = [
        "rebase",
        "team/app:1",
        "--onto",
        "team/base:2",
        "-t",
        "team/app:moved",
    ];
    run(&rebase);
    // As if it had been built there.
    let (moved, built) = (inspect(home, "team/app:moved"), inspect(home, "team/app:2"));
    assert_eq!(moved["config"]["config"], built["config"]["config"]);
    assert_eq!(moved["config"]["rootfs"], built["config"]["rootfs"]);
    assert_eq!(
        moved["config"]["config"]["Env"],
        serde_json::json!(["PATH=/app:/bin2", "RELEASE=2", "MINE=1"])
    );
    run(&["fsck"]);
    // A name without a folder is a file here.
    run(&["save", "team/app:moved", "-o", "app.tar"]);
    assert!(home.join("app.tar").is_file());

    build(
        home,
        "team/other:1",
        "FROM scratch\nCOPY a /a\n",
        &[("a", "a")],
    );
    let words = ["image", "rebase", "team/other:1", "--onto", "team/base:2"];
    let said = fail(boatyard(home, home).args(words), 2);
    assert!(said.contains("cannot tell which base"), "{said}");
    let said = fail(
        boatyard(home, home)
            .args(words)
            .args(["--from", "team/base:1"]),
        2,
    );
    assert!(said.contains("not built on that base"), "{said}");
}

#[test]
fn push_and_pull_with_a_credential_helper() {
    let _alone = alone();
    let home = new_home();
    images(home.path());
    let Some(registry) = Registry::start("push_and_pull_with_a_credential_helper", true) else {
        return;
    };
    let name = format!("127.0.0.1:{}/team/app:1", registry.port);
    let index = format!("127.0.0.1:{}/team/many:1", registry.port);
    let other = new_home();
    let helper = registry.home.path().join("docker-credential-test");
    let script = "#!/bin/sh\ncat >&2\necho '{\"Username\":\"me\",\"Secret\":\"secret\"}'\n";
    std::fs::write(&helper, script).unwrap();
    std::fs::set_permissions(&helper, PermissionsExt::from_mode(0o755)).unwrap();
    let logins = format!(
        "{{\"credHelpers\":{{\"127.0.0.1:{}\":\"test\"}}}}",
        registry.port
    );
    std::fs::write(registry.home.path().join("config.json"), logins).unwrap();
    let path = format!(
        "{}:{}",
        registry.home.path().display(),
        std::env::var("PATH").unwrap()
    );
    let image = |home: &Path, words: &[&str]| {
        let mut command = boatyard(home, home);
        command.arg("image").args(words);
        command
    };
    let known = |home: &Path, words: &[&str]| {
        let mut command = image(home, words);
        command.env("DOCKER_CONFIG", registry.home.path());
        command.env("PATH", &path);
        command
    };
    let said = fail(
        image(home.path(), &["push", "team/app:1", &name]).env("DOCKER_CONFIG", other.path()),
        3,
    );
    assert!(said.contains("login"), "{said}");
    let pushed = output(&mut known(home.path(), &["push", "team/app:1", &name]));
    assert!(pushed.status.success());
    let lines = text(&pushed.stderr);
    assert!(lines.contains(&format!("push {name}")), "{lines}");

    let words = ["index", "create", "team/many", "team/app:1", "--annotation"];
    succeed(image(home.path(), &words).arg("who=me"));
    succeed(&mut known(home.path(), &["push", "team/many", &index]));
    for reference in [&name, &index] {
        let said = succeed(&mut known(other.path(), &["pull", "--json", reference]));
        let digest = serde_json::from_str::<serde_json::Value>(&said).unwrap()["digest"].clone();
        assert_eq!(digest, inspect(home.path(), "team/app:1")["digest"]);
    }
    let words = ["pull", "--platform", "linux/s390x", &index];
    let said = fail(&mut known(other.path(), &words), 2);
    assert!(said.contains("linux/s390x"), "{said}");
    let said = succeed(&mut image(other.path(), &["fsck"]));
    assert_eq!(said, "the store is whole\n");
}

#[test]
fn two_images_side_by_side() {
    let _alone = alone();
    let home = new_home();
    let home = home.path();
    for (tag, rest) in [
        (
            "team/side:1",
            "COPY app /gone\nENV A=1 PATH=/bin\nUSER root\n",
        ),
        (
            "team/side:2",
            "COPY --chmod=600 app /new\nCOPY other /app\nENV B=2 PATH=/bin\nUSER 1001\n\
             HEALTHCHECK --interval=5s CMD x\n",
        ),
    ] {
        let dockerfile = format!("FROM scratch\nCOPY app os /\n{rest}");
        let files = [
            ("app", "the application"),
            ("os", "1"),
            ("other", "another one"),
        ];
        build(home, tag, &dockerfile, &files);
    }
    let words = ["image", "diff", "team/side:1", "team/side:2"];
    let said = succeed(boatyard(home, home).args(words).arg("--json"));
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    let list = |name: &str| said[name].as_array().unwrap().clone();
    let settings: Vec<String> = list("settings")
        .iter()
        .map(|setting| setting["name"].as_str().unwrap().to_owned())
        .filter(|name| name != "created")
        .collect();
    let expected = ["user", "env A", "env B", "health test", "health interval"];
    assert_eq!(settings, expected);
    let files: Vec<String> = list("files")
        .iter()
        .map(|file| format!("{} {} {}", file["path"], file["change"], file["what"]))
        .collect();
    let expected = [
        "\"/app\" \"changed\" [\"content\"]",
        "\"/gone\" \"removed\" []",
        "\"/new\" \"added\" []",
    ];
    assert_eq!(files, expected);
    let text = succeed(boatyard(home, home).args(words));
    for part in [
        "env A",
        "~ /app",
        "- /gone",
        "1 added, 1 removed, 1 changed",
    ] {
        assert!(text.contains(part), "{text}");
    }
    let same = ["image", "diff", "team/side:1", "team/side:1"];
    let text = succeed(boatyard(home, home).args(same));
    assert!(text.contains("the files are the same"), "{text}");
}
