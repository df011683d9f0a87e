//! `boatyard.lock`: bases that stay what they are.

#[path = "../../store/tests/distribution/mod.rs"]
mod distribution;
mod support;

use std::path::Path;
use std::process::Command;

use distribution::Registry;
use support::{alone, boatyard, fail, new_home, succeed};

/// A context with one file.
fn context(dockerfile: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in [("Dockerfile", dockerfile), ("app", "the application")] {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    folder
}

fn command(home: &Path, folder: &Path, words: &[&str]) -> Command {
    let mut command = boatyard(home, folder);
    command.args(words).env("SOURCE_DATE_EPOCH", "1700000000");
    command
}

/// Builds a base, gives it to the registry and forgets it here.
fn release(home: &Path, name: &str, content: &str) {
    let base = context("FROM scratch\nCOPY app /base\n");
    std::fs::write(base.path().join("app"), content).unwrap();
    let words = ["build", "-q", "--push", "-t", name, "."];
    succeed(&mut command(home, base.path(), &words));
    succeed(&mut command(home, base.path(), &["image", "rm", name]));
}

#[test]
fn a_locked_base_stays_what_it_was() {
    let _alone = alone();
    let Some(registry) = Registry::start("a_locked_base_stays_what_it_was", false) else {
        return;
    };
    let home = new_home();
    let home = home.path();
    let name = registry.name("team/base:1").to_string();
    release(home, &name, "first");
    let app = context(&format!("FROM {name}\nCOPY app /app\n"));
    let out = app.path().join("out");
    let to = format!("--output={}", out.display());
    let build = |words: &[&str]| {
        let all = [&["build"], words, &[&to, "."]].concat();
        command(home, app.path(), &all)
    };
    let base = || std::fs::read_to_string(out.join("base")).unwrap();
    let lock = || std::fs::read_to_string(app.path().join("boatyard.lock")).unwrap();
    let said = fail(&mut build(&["--locked"]), 2);
    assert!(said.contains("there is no boatyard.lock"), "{said}");
    succeed(&mut build(&["--lock"]));
    let first = lock();
    assert!(
        first.contains(&format!("reference = \"{name}\"")),
        "{first}"
    );

    // The name moves on, in the registry and here; the lock does not.
    succeed(&mut command(home, app.path(), &["image", "rm", &name]));
    release(home, &name, "second");
    for words in [&[][..], &["--locked"], &["--lock"], &["--pull"]] {
        succeed(&mut build(words));
        assert_eq!(base(), "first", "{words:?}");
        assert_eq!(lock(), first);
    }
    // Another machine has only the lock.
    let other = new_home();
    let words = ["build", "--locked", &to, "."];
    succeed(&mut command(other.path(), app.path(), &words));
    assert_eq!(base(), "first");

    succeed(&mut build(&["--update-lock"]));
    assert_eq!(base(), "second");
    assert_ne!(lock(), first);
    // A name that is not locked.
    std::fs::write(
        app.path().join("Dockerfile"),
        format!("FROM {name}\nCOPY --from=team/tools:1 /x /y\n"),
    )
    .unwrap();
    let said = fail(&mut build(&["--locked"]), 2);
    assert!(
        said.contains("team/tools:1") && said.contains("--lock"),
        "{said}"
    );
    std::fs::write(app.path().join("boatyard.lock"), "version = 9\n").unwrap();
    let said = fail(&mut build(&[]), 2);
    assert!(said.contains("version 9"), "{said}");
}
