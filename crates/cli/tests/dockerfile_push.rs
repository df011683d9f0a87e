//! An image of a Dockerfile goes to a registry, and another one starts from it there.

mod dockerfile;
mod support;

use std::process::{Command, Stdio};

use dockerfile::Context;
use support::{alone, boatyard, fail, kept_home, not_run, succeed};

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Ends a process when dropped.
struct Ended(std::process::Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn an_image_that_is_pushed() {
    let _alone = alone();
    if Command::new("docker-registry")
        .arg("--version")
        .output()
        .is_err()
    {
        return not_run("docker-registry is not installed");
    }
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let configuration = folder.path().join("config.yml");
    let text = format!(
        "version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: {}\nhttp:\n  addr: 127.0.0.1:{port}\n",
        folder.path().join("data").display()
    );
    std::fs::write(&configuration, text).unwrap();
    let registry = Command::new("docker-registry")
        .arg("serve")
        .arg(&configuration)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let _registry = Ended(registry);
    support::wait_for("the registry", 20, || {
        std::net::TcpStream::connect(("127.0.0.1", port)).ok()
    });
    let context = Context::new("FROM scratch\nCOPY <<EOF /x\nWORD\nEOF\n", &[]);
    let name = format!("127.0.0.1:{port}/team/{}:1", context.word);
    let push = |tag: &str| {
        let mut command = boatyard(&kept_home(), context.folder.path());
        command.args(["build", "--push", "-q", "-t", tag, "."]);
        command
    };
    let digest = succeed(&mut push(&name));
    // Forgotten here, it is started from there.
    succeed(boatyard(&kept_home(), context.folder.path()).args(["image", "rm", &name]));
    let other = Context::new(&format!("FROM {name}\nCOPY a /y\n"), &[("a", "")]);
    let out = other.path("out");
    succeed(&mut other.command(&["-o", out.to_str().unwrap()]));
    assert!(out.join("x").is_file() && out.join("y").is_file());
    assert!(digest.starts_with("sha256:"), "{digest}");
    let said = fail(&mut push(&format!("127.0.0.1:{}/team/x:1", free_port())), 3);
    assert!(said.contains("cannot reach registry"), "{said}");
    let said = fail(
        boatyard(&kept_home(), context.folder.path()).args(["build", "--push", "."]),
        2,
    );
    assert!(said.contains("it has none"), "{said}");
}
