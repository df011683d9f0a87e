//! An image of a Dockerfile goes to a registry, and another one starts from it there.

#[path = "../../store/tests/distribution/mod.rs"]
mod distribution;
mod dockerfile;
mod support;

use distribution::Registry;
use dockerfile::Context;
use support::{alone, boatyard, fail, kept_home, succeed};

#[test]
fn an_image_that_is_pushed() {
    let _alone = alone();
    let Some(registry) = Registry::start("an_image_that_is_pushed", false) else {
        return;
    };
    let context = Context::new("FROM scratch\nCOPY <<EOF /x\nWORD\nEOF\n", &[]);
    let name = registry.name(&format!("team/{}:1", context.word));
    let name = name.to_string();
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
    // Nobody listens at that one.
    let said = fail(&mut push("127.0.0.1:1/team/x:1"), 3);
    assert!(said.contains("cannot reach registry"), "{said}");
    let said = fail(
        boatyard(&kept_home(), context.folder.path()).args(["build", "--push", "."]),
        2,
    );
    assert!(said.contains("it has none"), "{said}");
}
