//! The docker and the k8s form of images: of a project and of a Dockerfile, their tags, and where they are pushed.

mod support;

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use support::{alone, boatyard, fail, kept_home, not_run, project, succeed, text, wait_for};

const PROJECT: &str = "[project]\nname = \"forms\"\n[image]\nbase = \"scratch\"\nprefix = \"PREFIX\"\n\
    [role.web]\ncommand = [\"/usr/bin/boatyard-init\", \"roles\"]\nport = 8080\nready = \"http:///up\"\n";

fn git(folder: &Path, words: &[&str]) -> String {
    let identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(identity)
        .args(words)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout).trim().to_owned()
}

/// Builds what the words say; what is written about it, by key.
fn build(folder: &Path, words: &[&str]) -> Value {
    let metadata = tempfile::NamedTempFile::new().unwrap();
    let mut command = boatyard(&kept_home(), folder);
    command
        .args(["build", "--metadata-file"])
        .arg(metadata.path())
        .args(words);
    succeed(&mut command);
    serde_json::from_slice(&std::fs::read(metadata.path()).unwrap()).unwrap()
}

fn inspect(folder: &Path, name: &str) -> Value {
    let said = succeed(boatyard(&kept_home(), folder).args(["image", "inspect", "--json", name]));
    serde_json::from_str(&said).unwrap()
}

fn names(said: &Value) -> Vec<&str> {
    said["image.name"].as_str().unwrap().split(',').collect()
}

#[test]
fn of_a_project() {
    let _alone = alone();
    let folder = project(&PROJECT.replace("PREFIX", "test/forms"), &[("a", "1")]);
    let folder = folder.path();
    // Without a repository the sources say which they are: the same again, others after a change.
    let first = build(folder, &["--variant", "all"]);
    let docker = &first["forms-docker"];
    let tag = |said: &Value| names(said)[1].to_owned();
    assert_eq!(names(docker)[0], "test/forms/forms:docker-latest");
    assert!(tag(docker).starts_with("test/forms/forms:docker-src-"));
    assert_eq!(names(docker)[2], "test/forms/forms:latest");
    assert_eq!(build(folder, &["--variant", "all"]), first);
    std::fs::write(folder.join("a"), "2").unwrap();
    assert_ne!(
        tag(&build(folder, &["--variant", "docker"])["forms-docker"]),
        tag(docker)
    );

    if Command::new("git").arg("--version").output().is_err() {
        return not_run("git is not installed");
    }
    git(folder, &["init", "-q"]);
    git(
        folder,
        &["remote", "add", "origin", "git@host.example:team/forms.git"],
    );
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-qm", "a"]);
    git(folder, &["tag", "v1.2"]);
    let commit = git(folder, &["rev-parse", "HEAD"]);
    let short = git(folder, &["rev-parse", "--short", "HEAD"]);
    let said = build(folder, &["--variant", "all", "--label", "a=b"]);
    assert_eq!(
        names(&said["forms-k8s"]),
        [
            "test/forms/forms:k8s-latest".to_owned(),
            format!("test/forms/forms:k8s-{short}")
        ]
    );
    let (docker, k8s) = (
        inspect(folder, "test/forms/forms:latest"),
        inspect(folder, "test/forms/forms:k8s-latest"),
    );
    assert_eq!(
        docker["manifest"]["layers"], k8s["manifest"]["layers"],
        "the same layers"
    );
    let (docker, k8s) = (&docker["config"]["config"], &k8s["config"]["config"]);
    assert_eq!(docker["Healthcheck"]["Test"][2], "ready");
    assert_eq!(k8s["Healthcheck"], Value::Null);
    for (key, value) in [
        ("revision", commit.as_str()),
        ("source", "https://host.example/team/forms"),
        ("version", "1.2"),
    ] {
        assert_eq!(
            k8s["Labels"][format!("org.opencontainers.image.{key}")],
            value
        );
    }
    assert!(
        k8s["Labels"]["org.opencontainers.image.created"]
            .as_str()
            .unwrap()
            .ends_with('Z')
    );
    assert_eq!(k8s["Labels"]["a"], "b");
    std::fs::write(folder.join("a"), "3").unwrap();
    let dirty = build(folder, &["--variant", "k8s"]);
    assert_eq!(
        tag(&dirty["forms-k8s"]),
        format!("test/forms/forms:k8s-{short}-dirty")
    );

    // Without forms an image is as it was before there were any.
    let plain = build(folder, &[]);
    assert_eq!(names(&plain["forms"]), ["test/forms/forms:latest"]);
    let plain = inspect(folder, "test/forms/forms:latest");
    let labels = plain["config"]["config"]["Labels"].as_object().unwrap();
    assert!(
        !labels
            .keys()
            .any(|key| key.contains("variant") || key.contains("revision"))
    );
    let planned = succeed(boatyard(&kept_home(), folder).args(["plan", "--variant", "docker"]));
    assert!(
        planned.contains("docker form") && planned.contains("HEALTHCHECK"),
        "{planned}"
    );
    let said = fail(
        boatyard(&kept_home(), folder).args(["build", "--variant", "all", "--iidfile", "/x"]),
        2,
    );
    assert!(said.contains("--metadata-file"), "{said}");
    let said = fail(boatyard(&kept_home(), folder).args(["build", "--push"]), 2);
    assert!(said.contains("prefix ="), "{said}");
}

#[test]
fn of_a_dockerfile() {
    let _alone = alone();
    let dockerfile = "FROM debian:bookworm\nWORKDIR /app\nCOPY . .\n\
                      RUN mkdir -p ~/.cache/x && touch ~/.cache/x/y\n\
                      EXPOSE 80\nHEALTHCHECK CMD true\nCMD id -u && ls\n";
    let folder = project(
        "",
        &[("Dockerfile", dockerfile), ("tests/a", ""), ("kept", "")],
    );
    let folder = folder.path();
    std::fs::remove_file(folder.join("boatyard.toml")).unwrap();
    let words = [
        "--debian-base",
        "-t",
        "test/formed:1",
        "--variant",
        "all",
        "-v",
        ".",
    ];
    let output = support::output(boatyard(&kept_home(), folder).arg("build").args(words));
    let said = text(&output.stderr);
    assert!(output.status.success());
    for part in [
        "k8s: USER root -> 10001:10001",
        "cannot write to /app",
        "port 80",
        "label dev.boatyard.healthcheck",
        "a shell stays",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let run = |name: &str, command: &[&str]| {
        let mut words = boatyard(&kept_home(), folder);
        words.args(["run", name]);
        if !command.is_empty() {
            words.arg("--").args(command);
        }
        succeed(&mut words)
    };
    assert_eq!(run("test/formed:1", &[]), "0\nDockerfile\nkept\ntests\n");
    assert_eq!(run("test/formed:k8s-1", &[]), "10001\nDockerfile\nkept\n");
    assert_eq!(
        run(
            "test/formed:k8s-1",
            &[
                "sh",
                "-c",
                "tr '\\0' ' ' < /proc/1/cmdline; id -un; ls -d ~"
            ]
        ),
        "/usr/bin/boatyard-init exec -- sh -c tr '\\0' ' ' < /proc/1/cmdline; id -un; ls -d ~ appuser\n/home/appuser\n"
    );
    let (docker, k8s) = (
        inspect(folder, "test/formed:docker-1"),
        inspect(folder, "test/formed:k8s-1"),
    );
    let layers = |image: &Value| image["manifest"]["layers"].as_array().unwrap().clone();
    let (docker, k8s) = (layers(&docker), layers(&k8s));
    assert_eq!(
        docker[..],
        k8s[..docker.len()],
        "the k8s form is put on top"
    );
    assert_eq!(k8s.len(), docker.len() + 3, "user, init, what is removed");
}

#[test]
fn pushed_to_a_registry() {
    let _alone = alone();
    if Command::new("docker-registry")
        .arg("--version")
        .output()
        .is_err()
    {
        return not_run("docker-registry is not installed");
    }
    let data = tempfile::tempdir().unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let configuration = data.path().join("config.yml");
    let settings = format!(
        "version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: {}\nhttp:\n  addr: 127.0.0.1:{port}\n",
        data.path().join("data").display()
    );
    std::fs::write(&configuration, settings).unwrap();
    let registry = Command::new("docker-registry")
        .arg("serve")
        .arg(&configuration)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let _registry = Ended(registry);
    wait_for("the registry", 20, || {
        std::net::TcpStream::connect(("127.0.0.1", port)).ok()
    });
    let prefix = format!("127.0.0.1:{port}/team");
    let services = "[service.a]\nroles = [\"web\"]\n[service.b]\n[backing.redis]\n";
    let folder = project(&(PROJECT.replace("PREFIX", &prefix) + services), &[]);
    let folder = folder.path();
    // The image of a backing service is nobody's: it stays here.
    let words = ["a", "b", "--push", "--variant", "all", "--jobs", "2"];
    let said = build(folder, &words);
    for key in ["a-docker", "a-k8s", "b-docker", "b-k8s"] {
        for name in names(&said[key]) {
            succeed(boatyard(&kept_home(), folder).args(["image", "rm", name]));
            succeed(boatyard(&kept_home(), folder).args(["image", "pull", name]));
            let pulled = inspect(folder, name);
            assert_eq!(
                pulled["digest"], said[key]["containerimage.digest"],
                "{name}"
            );
        }
    }
}

/// Ends a process when dropped.
struct Ended(std::process::Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
